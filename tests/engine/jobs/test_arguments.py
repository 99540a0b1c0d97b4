"""The arguments that Glue gives a meaning to: each is known by name, and is honoured, passed over or refused."""

from __future__ import annotations

import pytest

from catalog.errors import InvalidInput
from engine.errors import ArgumentRefused
from engine.jobs.arguments import (
    ARGUMENTS,
    LARGEST,
    Use,
    demand_size,
    demand_supported,
    executor_cores,
    is_on,
    listed,
    passed_over,
    settings_of_spark,
    variables,
)

# https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html
OF_GLUE = [
    "--job-bookmark-option", "--job-bookmark-from", "--job-bookmark-to", "--TempDir", "--extra-py-files",
    "--extra-files", "--extra-jars", "--user-jars-first", "--additional-python-modules",
    "--python-modules-installer-option", "--conf", "--class", "--scriptLocation", "--job-language",
    "--enable-metrics", "--enable-observability-metrics", "--enable-spark-ui", "--spark-event-logs-path",
    "--enable-continuous-cloudwatch-log", "--enable-continuous-log-filter", "--continuous-log-logGroup",
    "--continuous-log-logStreamPrefix", "--continuous-log-conversionPattern", "--enable-glue-datacatalog",
    "--datalake-formats", "--enable-auto-scaling", "--auto-scale-within-microbatch", "--executor-cores",
    "--enable-job-insights", "--enable-s3-parquet-optimized-committer", "--customer-driver-env-vars",
    "--customer-executor-env-vars", "--use-postgres-driver", "--disable-proxy-v2", "--encryption-type",
    "--enable-lakeformation-fine-grained-access", "--debug", "--mode", "--JOB_NAME", "--endpoint",
]  # fmt: skip


@pytest.mark.parametrize("name", OF_GLUE)
def test_every_argument_of_glue_has_a_use_here_or_a_reason(name: str) -> None:
    assert ARGUMENTS[name].use in Use
    assert ARGUMENTS[name].does.endswith(".")


@pytest.mark.parametrize(
    "arguments",
    [
        {"--job-language": "scala"},
        {"--job-language": "Scala"},
        {"--class": "GlueApp"},
        {"--class": "GlueApp", "--job-language": "scala"},
        {"--enable-lakeformation-fine-grained-access": "true"},
        {"--enable-lakeformation-fine-grained-access": ""},
        {"--encryption-type": "sse-kms"},
    ],
)
def test_what_asks_for_what_is_not_done_here_is_refused_by_name(arguments: dict[str, str]) -> None:
    with pytest.raises(ArgumentRefused, match=f"{next(iter(arguments))}.* of job etl is not supported here: "):
        demand_supported("etl", arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"--job-language": "python", "--class": "GlueApp"},
        {"--job-language": ""},
        {"--enable-lakeformation-fine-grained-access": "false"},
        {"--encryption-type": "sse-s3"},
        {"--day": "scala", "--mode": "fast"},
    ],
)
def test_what_asks_for_nothing_special_is_not(arguments: dict[str, str]) -> None:
    demand_supported("etl", arguments)


def test_each_argument_without_effect_is_told_unless_it_is_switched_off() -> None:
    given = {"--enable-metrics": "", "--disable-proxy-v2": "true", "--enable-job-insights": "false", "--day": "1"}
    assert [line.partition(" has no effect here: ")[0] for line in passed_over(given)] == list(given)[:2]


@pytest.mark.parametrize(
    ("value", "on"), [("true", True), ("", True), ("yes", True), ("false", False), ("FALSE ", False), (None, False)]
)
def test_a_switch_is_on_unless_it_says_false(value: str | None, on: bool) -> None:
    assert is_on({} if value is None else {"--enable-glue-datacatalog": value}, "--enable-glue-datacatalog") is on


def test_lists_are_parted_by_commas() -> None:
    assert listed({"--extra-jars": " a.jar, s3://b/c.jar ,,"}, "--extra-jars") == ["a.jar", "s3://b/c.jar"]
    assert listed({}, "--extra-jars") == []


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("spark.a=1", {"spark.a": "1"}),
        ("spark.a=1 --conf spark.b=2", {"spark.a": "1", "spark.b": "2"}),
        ("  spark.a=1   --conf\n spark.b=x=y  ", {"spark.a": "1", "spark.b": "x=y"}),
        ("spark.a=1 --conf spark.a=2", {"spark.a": "2"}),
        ("spark.a=one two --conf spark.b=", {"spark.a": "one two", "spark.b": ""}),
        ("", {}),
    ],
)
def test_settings_may_be_chained(text: str, asked: dict[str, str]) -> None:
    assert settings_of_spark("etl", {"--conf": text}) == asked


@pytest.mark.parametrize("text", ["spark.a", "a=1", "spark.a=1 --conf b=2", "=1", "spark.a=1 --conf --conf b=2"])
def test_what_is_no_setting_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"a setting is spark\.name=value"):
        settings_of_spark("etl", {"--conf": text})


def test_a_refused_setting_is_told_without_its_value() -> None:
    with pytest.raises(InvalidInput) as refused:
        settings_of_spark("etl", {"--conf": "fs.s3a.secret.key=hunter2"})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("CUSTOMER_A=1", {"CUSTOMER_A": "1"}),
        ('CUSTOMER_A=1, CUSTOMER_B="two, three" ,CUSTOMER_C=', {"CUSTOMER_A": "1", "CUSTOMER_B": "two, three",
                                                             "CUSTOMER_C": ""}),
        ("CUSTOMER_A=x=y", {"CUSTOMER_A": "x=y"}),
        ("", {}),
    ],
)  # fmt: skip
def test_variables_are_named_customer_and_may_be_quoted(text: str, found: dict[str, str]) -> None:
    assert variables("etl", {"--customer-driver-env-vars": text}, "--customer-driver-env-vars") == found


@pytest.mark.parametrize("text", ["PATH=/bin", "CUSTOMER_A=1,LD_PRELOAD=x", "CUSTOMER_A", 'CUSTOMER_A="x'])
def test_other_variables_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="--customer-driver-env-vars of job etl is not valid: variables are named"):
        variables("etl", {"--customer-driver-env-vars": text}, "--customer-driver-env-vars")


def test_cores_are_a_number() -> None:
    assert executor_cores("etl", {"--executor-cores": " 8 "}) == 8
    assert executor_cores("etl", {}) is None
    for bad in ("0", "-1", "many", "1.5"):
        with pytest.raises(InvalidInput, match="--executor-cores"):
            executor_cores("etl", {"--executor-cores": bad})


def test_all_arguments_together_have_a_largest_size() -> None:
    demand_size("etl", {"--a": "x" * (LARGEST - 3)})
    with pytest.raises(InvalidInput, match=r"arguments of job etl .* 266,241 bytes, and the most is 266,240"):
        demand_size("etl", {"--a": "x" * (LARGEST - 2)})
    with pytest.raises(InvalidInput):
        demand_size("etl", {"--a": "ä" * (LARGEST // 2)})
