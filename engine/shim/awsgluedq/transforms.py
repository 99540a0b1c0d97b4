"""EvaluateDataQuality: holds a frame against data quality rules, as a whole or row by row."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import and_
from typing import Any

from awsglue._nodes import Node
from awsglue._sparktypes import struct_to_glue
from awsglue._tree import Typed
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue.transforms import GlueTransform
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from awsgluedq._checks import check_known, judge, row_check
from awsgluedq._rules import Rule, Together, parse_ruleset

_OUTCOMES = (
    "Rule string, Outcome string, FailureReason string, EvaluatedMetrics map<string,double>, EvaluatedRule string"
)
_PASSED, _FAILED = "Passed", "Failed"
Rules = list[Rule | Together]
Frames = Mapping[str, DynamicFrame]


class EvaluateDataQuality(GlueTransform):
    """Checks a frame against a ruleset in DQDL. Nothing runs before somebody looks at what came of it.

    What the publishing options ask for (results in AWS's console, metrics in CloudWatch) has no place here; of a
    resultsS3Prefix the run's log says that nothing is written to it. Rules may speak of the additional data sources by
    their aliases.
    RulesetError for a ruleset that cannot be read, NotProvidedError for rules that are not known.
    """

    def __call__(
        self,
        frame: DynamicFrame,
        ruleset: str,
        publishing_options: Mapping[str, Any] | None = None,
        additional_options: Mapping[str, Any] | None = None,
        additional_data_sources: Frames | None = None,
        **kwargs: Any,
    ) -> DynamicFrame:
        """One record a rule: Rule, Outcome (Passed or Failed), FailureReason, EvaluatedMetrics, EvaluatedRule."""
        _tell_unpublished(frame, publishing_options or {})
        return _outcomes(frame, _read(ruleset), additional_data_sources or {})

    def process_rows(
        self,
        frame: DynamicFrame,
        ruleset: str,
        publishing_options: Mapping[str, Any] | None = None,
        additional_options: Mapping[str, Any] | None = None,
        additional_data_sources: Frames | None = None,
        **kwargs: Any,
    ) -> DynamicFrameCollection:
        """Three frames: ruleOutcomes, rowLevelOutcomes (the records, each with what it passed) and originalData."""
        rules = _read(ruleset)
        _tell_unpublished(frame, publishing_options or {})
        found = {
            "ruleOutcomes": _outcomes(frame, rules, additional_data_sources or {}),
            "rowLevelOutcomes": _made(frame, lambda: _by_row(frame.toDF(), rules), "rowLevelOutcomes"),
            "originalData": frame,
        }
        return DynamicFrameCollection(found, frame.glue_ctx)


def _tell_unpublished(frame: DynamicFrame, options: Mapping[str, Any]) -> None:
    prefix = next((value for name, value in options.items() if name.lower() == "resultss3prefix"), None)
    if prefix:
        words = "EvaluateDataQuality writes no results to {}: write the frame of rule outcomes there."
        frame.glue_ctx.get_logger().warn(words.format(prefix))


def _read(ruleset: str) -> Rules:
    rules = parse_ruleset(ruleset)
    for rule in rules:
        check_known(rule)
    return rules


def _outcomes(frame: DynamicFrame, rules: Rules, others: Frames) -> DynamicFrame:
    def found() -> DataFrame:
        findings = judge(frame.toDF(), rules, {alias: other.toDF() for alias, other in others.items()})
        told = [(f.text, _PASSED if f.passed else _FAILED, f.why, f.measures, f.text) for f in findings]
        return frame.glue_ctx.spark_session.createDataFrame(told, _OUTCOMES)

    return _made(frame, found, "ruleOutcomes")


def _made(frame: DynamicFrame, build: Any, name: str) -> DynamicFrame:
    def typed() -> Typed:
        made: DataFrame = build()
        return Typed(made, struct_to_glue(made.schema))

    return DynamicFrame(Node(typed), frame.glue_ctx, name)


def _by_row(rows: DataFrame, rules: Rules) -> DataFrame:
    checks = [(rule, row_check(rows, rule)) for rule in rules]
    by_row = [(rule.text, check) for rule, check in checks if check is not None]
    skipped = [rule.text for rule, check in checks if check is None]
    failing = [~F.coalesce(check, F.lit(True)) for _, check in by_row]
    passed = reduce(and_, [~each for each in failing], F.lit(True))
    return rows.withColumns(
        {
            "DataQualityRulesPass": _texts([(text, F.coalesce(check, F.lit(False))) for text, check in by_row]),
            "DataQualityRulesFail": _texts([(text, fails) for (text, _), fails in zip(by_row, failing, strict=True)]),
            "DataQualityRulesSkip": _texts([(text, F.lit(True)) for text in skipped]),
            "DataQualityEvaluationResult": F.when(passed, _PASSED).otherwise(_FAILED),
        }
    )


def _texts(told: list[tuple[str, Column]]) -> Column:
    texts = [F.when(said, F.lit(text)) for text, said in told]
    return F.array_compact(F.array(*texts)) if texts else F.array().cast("array<string>")
