"""Glue's Configuration of a crawler, read and written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import InvalidInput
from crawlers.configuration import read_configuration, write_configuration
from crawlers.model import ColumnNames, Configuration, Crawler, HeaderDetection, JdbcTarget, Target
from crawlers.validity import demand_valid, with_some_target

COUNTS = st.none() | st.integers(1, 1_000)
CONFIGURATIONS = st.builds(
    Configuration,
    table_level=COUNTS,
    table_threshold=COUNTS,
    header_detection=st.sampled_from(HeaderDetection),
    column_names=st.sampled_from(ColumnNames),
    **{
        name: st.booleans()
        for name in (
            "combine_compatible",
            "merge_new_columns",
            "inherit_from_table",
            "create_partition_index",
            "reclassify",
        )
    },
)
NAMES = st.dictionaries(st.text(min_size=1), st.text(min_size=1), max_size=3)


@given(CONFIGURATIONS, NAMES)
def test_what_is_written_is_read_back(configuration: Configuration, names: dict[str, str]) -> None:
    assert read_configuration(write_configuration(configuration, names)) == (configuration, names)


def test_glue_s_own_keys_are_read() -> None:
    text = """{"Version": 1.0, "CrawlerOutput": {
        "Partitions": {"AddOrUpdateBehavior": "InheritFromTable"},
        "Tables": {"AddOrUpdateBehavior": "MergeNewColumns", "TableThreshold": 5}},
      "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas", "TableLevelConfiguration": 3},
      "CreatePartitionIndex": false}"""
    assert read_configuration(text) == (
        Configuration(
            table_level=3,
            table_threshold=5,
            combine_compatible=True,
            merge_new_columns=True,
            inherit_from_table=True,
            create_partition_index=False,
        ),
        {},
    )


def test_defaults_are_left_out() -> None:
    assert json.loads(write_configuration(Configuration())) == {"Version": 1.0}
    assert read_configuration("{}") == (Configuration(), {})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is no JSON"),
        ("[]", "it is no object"),
        ('{"Version": 2.0}', "Version is 2.0; it can be 1.0"),
        ('{"Version": true}', "Version is True"),
        ('{"Crawler": {}}', "it contains unsupported keys: Crawler"),
        (
            '{"CrawlerOutput": {"Partitions": {"UpdateBehavior": "x"}}}',
            "CrawlerOutput.Partitions contains unsupported keys: UpdateBehavior",
        ),
        ('{"CrawlerOutput": {"Tables": 7}}', "CrawlerOutput.Tables is no object"),
        ('{"CrawlerOutput": {"Tables": {"TableThreshold": 0}}}', "CrawlerOutput.Tables.TableThreshold is 0"),
        ('{"Grouping": {"TableLevelConfiguration": "2"}}', "Grouping.TableLevelConfiguration is '2'"),
        ('{"Grouping": {"TableGroupingPolicy": "All"}}', "it can be CombineCompatibleSchemas"),
        ('{"CreatePartitionIndex": "yes"}', "CreatePartitionIndex is 'yes'; it can be true or false"),
        ('{"Isinglass": {"columnNames": "tidy"}}', "Isinglass.columnNames is 'tidy'; it can be keep or clean"),
        ('{"Isinglass": {"headerDetection": 1}}', "Isinglass.headerDetection is 1"),
        ('{"Isinglass": {"tableNames": {"/lake": ""}}}', "Isinglass.tableNames is"),
    ],
)
def test_what_is_not_known_is_refused_by_its_name(text: str, why: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_configuration(text)
    assert why in str(refused.value)


@pytest.mark.parametrize("path", ["", "%", "%/t", "a/b/c/d"])
def test_a_jdbc_path_that_names_no_database_is_refused(path: str) -> None:
    with pytest.raises(InvalidInput, match="is not database/schema/table"):
        demand_valid(Crawler("c", "lake", jdbc_targets=(JdbcTarget("server", path),)))


def test_a_crawler_without_a_target_or_database_is_refused() -> None:
    demand_valid(Crawler("c", "lake"))  # which Glue's clients may write before they know what to look at
    with pytest.raises(InvalidInput, match="it has no target"):
        with_some_target(Crawler("c", "lake"))
    with pytest.raises(InvalidInput, match="it has no database to write to"):
        demand_valid(Crawler("c", "", (Target("/lake"),)))
