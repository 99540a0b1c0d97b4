"""Data quality rules: how a ruleset is read, and what each type of rule finds in a frame."""

from __future__ import annotations

import pytest
from awsglue._missing import NotProvidedError
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsgluedq._rules import Condition, Rule, RulesetError, Together, parse_ruleset
from awsgluedq.transforms import EvaluateDataQuality

ROWS = [(1, 50, "a", "a@x.org"), (2, 150, "b", "nomail"), (3, None, "b", None)]


@pytest.fixture(scope="module")
def frame(glue: GlueContext) -> DynamicFrame:
    rows = glue.spark_session.createDataFrame(ROWS, "id int, age int, who string, mail string")
    return DynamicFrame.fromDF(rows.coalesce(1), glue, "people")


def test_a_rule_is_its_type_names_and_condition() -> None:
    [rule] = parse_ruleset('Rules = [ ColumnValues  "a" not in ["x", 1.5]\n with threshold >= 0.9 where "b > 1" ]')
    assert rule == Rule(
        type="ColumnValues",
        names=("a",),
        condition=Condition("in", ("x", 1.5), negated=True),
        threshold=Condition(">=", (0.9,)),
        where="b > 1",
        text='ColumnValues "a" not in ["x", 1.5] with threshold >= 0.9 where "b > 1"',
    )


def test_rules_are_joined_and_comments_and_analyzers_left_out() -> None:
    text = """# of orders
    Analyzers = [ RowCount, Completeness "a" ],
    Rules = [ # two
        (IsComplete "a") and (RowCount between 1 and 5), IsUnique "b"
    ]"""
    first, second = parse_ruleset(text)
    assert isinstance(first, Together)
    assert (first.word, len(first.rules), first.text) == (
        "and",
        2,
        '(IsComplete "a") and (RowCount between 1 and 5)',
    )
    assert isinstance(second, Rule)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it has no list of Rules"),
        ("Rules = [ RowCount > ]", "a number is missing"),
        ('Rules = [ IsComplete "a" IsUnique ]', "',' is missing"),
        ("Rules = [ RowCount not > 1 ]", "after not comes"),
        ("Rules = [ RowCount ~ 1 ]", "no part of a rule"),
        ('Rules = [ (IsComplete "a") and (IsUnique "a") or (RowCount > 1) ]', "and and or are mixed"),
        ("Rules = [ RowCount > 1", "',' is missing"),
    ],
)
def test_a_ruleset_that_cannot_be_read_says_where(text: str, why: str) -> None:
    with pytest.raises(RulesetError, match=why):
        parse_ruleset(text)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Condition("between", (1.0, 3.0)), [False, True, False]),
        (Condition("between", (1.0, 3.0), negated=True), [True, False, True]),
        (Condition("in", (1.0, 2.0)), [True, True, False]),
        (Condition(">=", (2.0,)), [False, True, True]),
        (Condition("!=", (2.0,)), [True, False, True]),
    ],
)
def test_a_condition_holds_for_numbers(condition: Condition, holds: list[bool]) -> None:
    assert [condition.holds(number) for number in (1.0, 2.0, 3.0)] == holds


PASSING = [
    "RowCount = 3",
    "ColumnCount between 3 and 5",
    'ColumnExists "age"',
    'ColumnNamesMatchPattern "[a-z]+"',
    'IsComplete "id"',
    'Completeness "age" > 0.6',
    'IsUnique "id"',
    'IsPrimaryKey "id" "who"',
    'Uniqueness "who" < 0.4',
    'UniqueValueRatio "who" = 0.5',
    'DistinctValuesCount "who" = 2',
    'ColumnValues "age" > 40',
    'ColumnValues "who" in ["a", "b"]',
    'ColumnValues "mail" matches ".+@.+" with threshold > 0.6',
    'ColumnValues "mail" != EMPTY',
    'ColumnLength "who" = 1',
    'ColumnDataType "mail" = "STRING"',
    'Mean "age" between 99 and 101',
    'Sum "id" = 6',
    'StandardDeviation "age" = 50',
    'Entropy "who" between 0.63 and 0.64',
    'ColumnCorrelation "id" "age" = 1',
    'CustomSql "select count(*) from primary where age > 100" = 1',
    'IsComplete "mail" where "age is not null"',
    '(RowCount > 100) or (IsUnique "id")',
]
FAILING = [
    'IsUnique "who"',
    'IsPrimaryKey "age"',
    'ColumnValues "age" between 60 and 200',
    'ColumnValues "mail" != NULL',
    'ColumnValues "who" not in ["a"]',
    'ColumnDataType "mail" = "INTEGER"',
    'IsComplete "nothing"',
    'ColumnExists "nothing"',
    '(RowCount > 1) and (IsComplete "mail")',
]


def test_each_type_of_rule_has_its_verdict(frame: DynamicFrame) -> None:
    rules = ", ".join([*PASSING, *FAILING])
    outcomes = EvaluateDataQuality.apply(frame=frame, ruleset=f"Rules = [ {rules} ]").toDF().collect()
    found = {row["Rule"]: row["Outcome"] for row in outcomes}
    assert found == {**dict.fromkeys(PASSING, "Passed"), **dict.fromkeys(FAILING, "Failed")}
    why = {row["Rule"]: row["FailureReason"] for row in outcomes}
    assert why['IsComplete "nothing"'] == "Column nothing is not in the frame"
    assert why["RowCount = 3"] is None
    assert {row["Rule"]: row["EvaluatedMetrics"] for row in outcomes}["RowCount = 3"] == {"Dataset.*.RowCount": 3.0}


def test_how_old_times_are_is_a_rule_and_a_null_is_never_fresh(glue: GlueContext) -> None:
    hours = glue.spark_session.sql("select explode(array(1, 30, null)) as hours")
    rows = hours.selectExpr("current_timestamp() - make_interval(0, 0, 0, 0, hours) as at")
    verdicts = {
        'DataFreshness "at" < 2 days with threshold > 0.6': "Passed",
        'DataFreshness "at" between 20 hours and 2 days with threshold > 0.3': "Passed",
        '(DataFreshness "at" <= 2 days) OR (ColumnValues "at" = NULL)': "Failed",
        'DataFreshness "at" <= 24 hours with threshold > 0.4': "Failed",
    }
    frame = DynamicFrame.fromDF(rows, glue, "times")
    found = EvaluateDataQuality.apply(frame=frame, ruleset=f"Rules = [ {', '.join(verdicts)} ]").toDF().collect()
    assert {row["Rule"]: row["Outcome"] for row in found} == verdicts


def test_each_row_says_which_rules_it_fails(frame: DynamicFrame) -> None:
    rules = 'Rules = [ IsComplete "mail", ColumnValues "age" > 100, RowCount > 0, IsUnique "who" ]'
    found = EvaluateDataQuality().process_rows(frame=frame, ruleset=rules)
    assert found.select("originalData") is frame
    rows = {row["id"]: row for row in found.select("rowLevelOutcomes").toDF().collect()}
    assert {at: row["DataQualityRulesFail"] for at, row in rows.items()} == {
        1: ['ColumnValues "age" > 100'],
        2: ['IsUnique "who"'],
        3: ['IsComplete "mail"', 'IsUnique "who"'],
    }
    assert rows[1]["DataQualityRulesSkip"] == ["RowCount > 0"]
    assert rows[1]["DataQualityEvaluationResult"] == "Failed"


AGAINST_OTHERS = {
    'ReferentialIntegrity "who" "ref.letter" between 0.6 and 0.7': ("Passed", None),
    'ReferentialIntegrity "id,who" "ref.{number,letter}" = 1': ("Failed", "Value: 0.333333 does not meet"),
    'ReferentialIntegrity "who" "none.letter" = 1': ("Failed", "called 'none': it has ref, same"),
    'ReferentialIntegrity "who" "ref.nothing" = 1': ("Failed", "Column nothing is not in the frame ref"),
    'RowCountMatch "ref" = 1.5': ("Passed", None),
    'SchemaMatch "same" = 1': ("Passed", None),
    'SchemaMatch "ref" > 0': ("Failed", "Value: 0 does not meet"),
    'DatasetMatch "same" "id" = 1': ("Passed", None),
    'DatasetMatch "ref" "id->number" "who->letter" between 0.3 and 0.4': ("Passed", None),
    'DatasetMatch "ref" "id->number" = 1': ("Failed", "columns of other names"),
    'DatasetMatch "same" "who" = 1': ("Failed", "key map not suitable"),
    'AggregateMatch "sum(id)" "sum(ref.number)" = 2.0': ("Passed", None),
    'AggregateMatch "avg(id)" "avg(age)" < 0.1': ("Passed", None),
    'CustomSql "select count(*) from primary join ref on id = number" = 2': ("Passed", None),
    '(RowCountMatch "none" = 1) or (RowCountMatch "same" = 1)': ("Passed", None),
}


def test_rules_speak_of_other_frames_by_their_aliases(glue: GlueContext, frame: DynamicFrame) -> None:
    rows = glue.spark_session.createDataFrame([(2, "b"), (1, "x")], "number int, letter string")
    sources = {"ref": DynamicFrame.fromDF(rows, glue, "ref"), "same": frame}
    outcomes = EvaluateDataQuality.apply(
        frame=frame, ruleset=f"Rules = [ {', '.join(AGAINST_OTHERS)} ]", additional_data_sources=sources
    )
    found = {row["Rule"]: row for row in outcomes.toDF().collect()}
    assert {rule: row["Outcome"] for rule, row in found.items()} == {
        rule: outcome for rule, (outcome, _) in AGAINST_OTHERS.items()
    }
    for rule, (_, why) in AGAINST_OTHERS.items():
        assert (why or "") in (found[rule]["FailureReason"] or "")
    assert found['RowCountMatch "ref" = 1.5']["EvaluatedMetrics"] == {"Dataset.ref.RowCountMatch": 1.5}


def test_nothing_runs_unless_somebody_looks(glue: GlueContext) -> None:
    broken = glue.spark_session.sql("select assert_true(false) as a")
    frame = DynamicFrame.fromDF(broken, glue, "broken")
    found = EvaluateDataQuality().process_rows(
        frame=frame,
        ruleset="Rules = [ ColumnCount > 0 ]",
        publishing_options={"enableDataQualityResultsPublishing": True},
        additional_options={"observations.scope": "ALL"},
    )
    assert set(found.keys()) == {"originalData", "rowLevelOutcomes", "ruleOutcomes"}
    assert found.select("ruleOutcomes").toDF().collect()[0]["Outcome"] == "Passed"


@pytest.mark.parametrize("rule", ['DetectAnomalies "RowCount"', 'FileFreshness "s3://a" > 1'])
def test_a_rule_that_is_not_there_is_refused_by_name(frame: DynamicFrame, rule: str) -> None:
    with pytest.raises(NotProvidedError, match=rule.partition(" ")[0]):
        EvaluateDataQuality().process_rows(frame=frame, ruleset=f"Rules = [ {rule} ]")


@pytest.mark.parametrize("rule", ["RowCount", 'ColumnValues "age"', 'RowCount matches "a"'])
def test_a_rule_whose_condition_does_not_fit_is_a_wrong_argument(frame: DynamicFrame, rule: str) -> None:
    outcomes = EvaluateDataQuality.apply(frame=frame, ruleset=f"Rules = [ {rule} ]")
    with pytest.raises(ValueError, match="condition"):
        outcomes.toDF()


def test_results_that_are_not_published_are_told_of(frame: DynamicFrame, capsys: pytest.CaptureFixture[str]) -> None:
    asked = {"enableDataQualityResultsPublishing": True}
    EvaluateDataQuality().process_rows(frame, "Rules = [RowCount > 0]", asked)
    assert "WARN" not in capsys.readouterr().err
    EvaluateDataQuality.apply(frame, "Rules = [RowCount > 0]", asked | {"resultsS3Prefix": "s3://lake/results"})
    assert "writes no results to s3://lake/results" in capsys.readouterr().err
