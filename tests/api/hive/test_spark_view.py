"""What Spark is shown of a table, and what is left of it when it comes back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql.types import StructType, VariantType

from api.hive import spark_types
from api.hive.spark_view import PROVIDER, SCHEMA, loadable, shown, view_of
from api.hive.translate import table_struct, table_value
from api.hive.write_back import stored, stored_partitions
from catalog.errors import InvalidType
from catalog.model import Column, Partition, SerDe, StorageDescriptor, Table
from tests.api.hive.lake import LAZY, OPEN_CSV, OPENX, PARQUET, PARQUET_SERDE, TEXT, columns, crawled


def csv(**serde: str) -> Table:
    parameters = {"classification": "csv", "skip.header.line.count": "1"}
    given = SerDe(LAZY, {"field.delim": ",", **serde})
    return crawled("t", Path("/lake/t"), "id:bigint name:string", TEXT, given, "year:int", **parameters)


def json_table(**serde: str) -> Table:
    given = SerDe(OPENX, serde)
    return crawled("t", Path("/lake/t"), "userid:int at:timestamp", TEXT, given, classification="json")


def parquet() -> Table:
    return crawled("t", Path("/lake/t"), "id:bigint", PARQUET, SerDe(PARQUET_SERDE), classification="parquet")


# ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_csv_table_is_shown_with_provider_schema_and_options() -> None:
    view = view_of(csv())
    assert view is not None
    assert view.options == {"path": "file:///lake/t/", "header": "true", "sep": ",", "escape": '"'}
    schema = json.loads(view.parameters.pop(SCHEMA))
    assert [(field["name"], field["type"]) for field in schema["fields"]] == [
        ("id", "long"),
        ("name", "string"),
        ("year", "integer"),
    ]
    assert view.parameters == {
        PROVIDER: "csv",
        "spark.sql.partitionProvider": "catalog",
        "spark.sql.sources.schema.numPartCols": "1",
        "spark.sql.sources.schema.partCol.0": "year",
    }


@pytest.mark.parametrize(
    ("serde", "options"),
    [
        ({"field.delim": "\t"}, {"sep": "\t"}),
        ({"escape.delim": "\\", "serialization.null.format": "-"}, {"escape": "\\", "nullValue": "-"}),
        ({"serialization.encoding": "latin1"}, {"encoding": "latin1"}),
        ({"multiline": "TRUE"}, {"multiLine": "true"}),
    ],
)
def test_serde_parameters_become_reader_options(serde: dict[str, str], options: dict[str, str]) -> None:
    view = view_of(csv(**serde))
    assert view is not None
    assert options.items() <= view.options.items()


def test_an_option_that_the_table_s_owner_set_stands() -> None:
    options = {"sep": ";", "header": "false"}
    assert options.items() <= shown(csv(**options)).storage.serde.parameters.items()


@pytest.mark.parametrize("library", [OPEN_CSV, OPEN_CSV.replace("Serde", "SerDe")])
def test_an_open_csv_table_doubles_quotes_unless_it_names_an_unusual_escape(library: str) -> None:
    table = crawled("t", Path("/lake/t"), "a:string", TEXT, SerDe(library, {"quoteChar": "'", "escapeChar": "\\"}))
    view = view_of(table)
    assert view is not None
    assert view.options == {"path": "file:///lake/t/", "sep": ",", "quote": "'", "escape": "'"}
    escaped = replace(table, storage=replace(table.storage, serde=SerDe(library, {"escapeChar": "~"})))
    view = view_of(escaped)
    assert view is not None
    assert (view.options["quote"], view.options["escape"]) == ('"', "~")


@pytest.mark.parametrize("serde", [{"paths": "at,userId"}, {"mapping.userid": "userId"}])
def test_a_json_table_s_columns_are_named_as_in_its_files(serde: dict[str, str]) -> None:
    view = view_of(json_table(**serde))
    assert view is not None
    assert [field["name"] for field in json.loads(view.parameters[SCHEMA])["fields"]] == ["userId", "at"]


def test_spark_is_told_a_serde_that_it_has() -> None:
    assert loadable(shown(json_table())).storage.serde.library == LAZY
    assert shown(json_table()).storage.serde.library == OPENX
    assert loadable(shown(csv())) == shown(csv())


@pytest.mark.parametrize(
    "table",
    [
        parquet(),
        json_table(**{"mapping.userid": "user_id"}),
        replace(csv(), parameters={**csv().parameters, "spark.sql.sources.schema.numParts": "1"}),
        csv().with_columns((Column("a", "array<int>"),)),
        csv().with_columns((Column("a", "no type"),)),
        json_table().with_columns((Column("a", "uniontype<int,string>"),)),
        replace(csv(), parameters={}),
        replace(csv(), storage=replace(csv().storage, location=None)),
    ],
    ids=["parquet", "renamed key", "spark's own", "nested csv", "no type", "union", "plain hive text", "no place"],
)
def test_a_table_that_spark_cannot_read_itself_or_that_is_its_own_is_shown_as_it_is(table: Table) -> None:
    assert shown(table) == table


# ── what comes back ──────────────────────────────────────────────────────────────────────────────────────────────────

TABLES = [csv(), csv(sep=";"), json_table(paths="userId"), parquet()]
IDS = ["csv", "csv with an option of its owner's", "json", "parquet"]


def returned(table: Table) -> Table:
    """The table after the way out to Spark and back."""
    return table_value(table_struct(loadable(shown(table))))


def rebuilt(table: Table) -> Table:
    """As `returned`, but made anew by Spark's client, as ALTER TABLE SET TBLPROPERTIES does it."""
    table = returned(table)
    bookkeeping = {"spark.sql.partitionProvider": "catalog", "spark.sql.create.version": "2.2 or prior"}
    parameters = {**table.parameters, **bookkeeping}
    serde = SerDe(LAZY if table.storage.serde.library == LAZY else table.storage.serde.library, {
        **table.storage.serde.parameters, "serialization.format": "1", "path": "file:/lake/t"
    })  # fmt: skip
    if PROVIDER not in table.parameters:
        del serde.parameters["path"]
    storage = replace(table.storage, location="file:/lake/t", serde=serde, compressed=False, parameters={})
    return replace(table, storage=storage, parameters=parameters)


@pytest.mark.parametrize("table", TABLES, ids=IDS)
@pytest.mark.parametrize("way", [returned, rebuilt])
def test_a_table_comes_back_as_it_went(table: Table, way: object) -> None:
    assert callable(way)
    kept = replace(
        table.with_columns(tuple(replace(column, parameters={"id": "1"}) for column in table.storage.columns)),
        description="what Hive has no word for",
        table_type="GOVERNED",
        last_accessed_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    kept = replace(kept, storage=replace(kept.storage, compressed=True, stored_as_sub_directories=True))
    assert stored(kept, way(kept)) == kept


@pytest.mark.parametrize("table", TABLES, ids=IDS)
def test_a_changed_parameter_is_all_that_changes(table: Table) -> None:
    back = rebuilt(table)
    back = replace(back, parameters={**back.parameters, "team": "web"})
    assert stored(table, back) == replace(table, parameters={**table.parameters, "team": "web"})


def test_another_path_is_another_location() -> None:
    back = returned(csv())
    serde = replace(back.storage.serde, parameters={**back.storage.serde.parameters, "path": "s3://lake/new"})
    back = replace(back, storage=replace(back.storage, serde=serde))
    assert stored(csv(), back).storage == replace(csv().storage, location="s3://lake/new")


def test_another_schema_is_other_columns() -> None:
    back = returned(csv())
    schema = spark_types.schema_json(columns("id:bigint name:string tags:varchar(3) year:int"))
    back = replace(back, parameters={**back.parameters, SCHEMA: schema})
    assert stored(csv(), back) == csv().with_columns(columns("id:bigint name:string tags:varchar(3)"))


def test_columns_that_a_client_changes_without_knowing_of_the_schema_are_taken() -> None:
    back = returned(csv())
    changed = columns("id:bigint name:string tags:int")
    assert stored(csv(), back.with_columns(changed)) == csv().with_columns(changed)


def test_columns_that_spark_s_client_has_from_the_serde_are_no_change() -> None:
    back = rebuilt(csv())
    told = tuple(replace(column, comment="from deserializer") for column in back.storage.columns)
    assert stored(csv(), back.with_columns(told)) == csv()


def test_a_schema_whose_columns_hive_cannot_have_stands_for_the_placeholder() -> None:
    back = returned(csv()).with_columns(columns("col:array<string>"))
    assert stored(csv(), back) == csv()
    schema = spark_types.schema_json(columns("id:bigint word:string year:int"))
    back = replace(back, parameters={**back.parameters, SCHEMA: schema})
    assert stored(csv(), back) == csv().with_columns(columns("id:bigint word:string"))


def test_a_changed_option_stays_on_the_serde() -> None:
    back = returned(csv())
    serde = replace(back.storage.serde, parameters={**back.storage.serde.parameters, "sep": "|", "quote": "'"})
    back = replace(back, storage=replace(back.storage, serde=serde))
    assert stored(csv(), back).storage.serde.parameters == {"field.delim": ",", "sep": "|", "quote": "'"}


def test_a_table_that_a_tool_makes_its_own_is_stored_as_it_says() -> None:
    claimed = replace(parquet(), parameters={PROVIDER: "hudi", SCHEMA: "{}"})
    assert stored(parquet(), claimed) == claimed


def test_spark_s_own_table_keeps_every_parameter() -> None:
    parameters = {PROVIDER: "json", SCHEMA: '{"type": "struct", "fields": []}', "spark.sql.create.version": "4.3.0"}
    own = replace(json_table(), parameters=parameters)
    assert returned(own).parameters == parameters
    assert stored(own, returned(own)) == own


def test_a_partition_comes_back_without_the_options() -> None:
    table = csv()
    given = replace(table.storage, serde=loadable(shown(table)).storage.serde)
    assert list(stored_partitions(table, [Partition(("2024",), given)])) == [Partition(("2024",), table.storage)]
    plain = Partition(("2024",), StorageDescriptor(serde=SerDe(PARQUET_SERDE, {"path": "mine"})))
    assert list(stored_partitions(parquet(), [plain])) == [plain]


# ── types ────────────────────────────────────────────────────────────────────────────────────────────────────────────

simple = ["boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "string", "binary", "date", "timestamp"]
plain = st.sampled_from([*simple, "decimal(10,2)", "char(3)", "varchar(7)"])
nested = st.recursive(
    plain.filter(lambda kind: "char" not in kind),
    lambda inner: st.one_of(
        inner.map("array<{}>".format),
        inner.map("map<string,{}>".format),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda kinds: f"struct<{','.join(f'F{at}:{kind}' for at, kind in enumerate(kinds))}>"
        ),
    ),
    max_leaves=6,
)


@given(st.lists(st.one_of(plain, nested), max_size=5))
def test_columns_survive_the_way_through_spark_s_schema(kinds: list[str]) -> None:
    given = tuple(Column(f"c{at}", kind, "why" if at % 2 else None) for at, kind in enumerate(kinds))
    text = spark_types.schema_json(given)
    assert spark_types.schema_columns(text) == given
    assert len(StructType.fromJson(json.loads(text))) == len(given)


def test_a_type_of_spark_only_is_refused() -> None:
    text = StructType().add("a", VariantType()).json()
    with pytest.raises(InvalidType):
        spark_types.schema_columns(text)
