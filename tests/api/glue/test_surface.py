"""How much of Glue's model is here: what is known, what is real, and what each operation is allowed to."""

from __future__ import annotations

import re
from pathlib import Path

import botocore
import pytest

from api.auth.principals import Action
from api.glue.actions import action_of
from api.glue.model import glue_model
from api.glue.operations import OPERATIONS

README = Path(__file__).parents[3] / "README.md"
# The model moves each month; what we say of it was counted in this one.
COUNTED_IN, KNOWN = "1.44.5", 314


def test_what_is_here_is_in_the_model() -> None:
    assert OPERATIONS.keys() <= glue_model().operations.keys()
    assert len(glue_model().operations) == KNOWN or botocore.__version__ != COUNTED_IN


def test_what_the_readme_counts_is_what_is_here() -> None:
    for real, known in re.findall(r"(\d+) of (?:its|Glue's|the) (\d+) operations", README.read_text()):
        assert (int(real), int(known)) == (len(OPERATIONS), KNOWN)


def test_every_operation_of_the_model_can_be_read_and_told() -> None:
    for name in glue_model().operations:
        assert glue_model().form_of(name).told({"NoSuchMember": 1}) == {}, name


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("GetTable", Action.VIEW),
        ("BatchGetPartition", Action.VIEW),
        ("ListCrawlers", Action.VIEW),
        ("SearchTables", Action.VIEW),
        ("FilterLogEvents", Action.VIEW),
        ("StartJobRun", Action.RUN),
        ("BatchStopJobRun", Action.RUN),
        ("StopSession", Action.RUN),
        ("CancelStatement", Action.RUN),
        ("CreateSession", Action.EDIT),
        ("RunStatement", Action.EDIT),
        ("CreateTable", Action.EDIT),
        ("BatchDeletePartition", Action.EDIT),
        ("StartTrigger", Action.EDIT),
        ("TagResource", Action.EDIT),
        ("PutResourcePolicy", Action.ADMINISTER),
    ],
)
def test_what_an_operation_does_is_told_by_its_verb(operation: str, action: Action) -> None:
    assert action_of(operation) is action
