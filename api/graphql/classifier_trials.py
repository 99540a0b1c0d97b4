"""A classifier tried on a file or a sample of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from api.graphql.classifier_kinds import ClassifierInput
from api.graphql.context import Context
from catalog.errors import InvalidInput

if TYPE_CHECKING:
    from crawlers.trying import Trial

_UNNAMED = "the one that is tried"


@strawberry.type(description="A column that a table of the file would have.")
class TrialColumn:
    name: str
    type: str


@strawberry.type(description="The first line that a grok pattern does not match.")
class UnmatchedLine:
    number: int = strawberry.field(description="Counts lines that are not empty, from 1.")
    line: str
    matched: int = strawberry.field(description="How many of the line's first signs the pattern goes along with.")


@strawberry.type(description="What came of trying a classifier.")
class ClassifierTrial:
    matches: bool
    certainty: float
    classification: str | None
    columns: list[TrialColumn]
    rows: list[list[str | None]] = strawberry.field(description="The first ones, as texts in the order of columns.")
    records: int = strawberry.field(description="How many were seen in the file's beginning.")
    notes: list[str]
    why: str | None = strawberry.field(description="What speaks against a match; null if it matches.")
    unmatched: UnmatchedLine | None

    @classmethod
    def of(cls, trial: Trial) -> ClassifierTrial:
        stopped = trial.unmatched
        return cls(
            matches=trial.matches,
            certainty=trial.certainty,
            classification=trial.classification,
            columns=[TrialColumn(name=each.name, type=each.type) for each in trial.columns],
            rows=[list(row) for row in trial.rows],
            records=trial.records,
            notes=list(trial.notes),
            why=trial.why,
            unmatched=UnmatchedLine(number=stopped.number, line=stopped.line, matched=stopped.matched)
            if stopped
            else None,
        )


def tried(
    context: Context,
    name: str | None,
    given: ClassifierInput | None,
    place: str | None,
    sample: str | None,
    rows: int,
) -> ClassifierTrial:
    """Raises InvalidInput unless one of the first two is given, and one of the next; and what trying raises."""
    from crawlers.trying import try_bytes, try_place  # brings PyArrow, which other questions do without

    if name is not None and given is None:
        classifier = context.engine.get_classifier(name).classifier
    elif given is not None and name is None:
        classifier = given.value(_UNNAMED)
    else:
        raise InvalidInput(what="the classifier to try", why="give its name, or a definition: one of them.")
    if place is not None and sample is None:
        return ClassifierTrial.of(try_place(classifier, place, rows))
    if sample is not None and place is None:
        return ClassifierTrial.of(try_bytes(classifier, sample.encode(), rows))
    raise InvalidInput(what="the file to try it on", why="give its place, or a sample of its text: one of them.")
