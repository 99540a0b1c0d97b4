"""Pagination tokens: of their list alone, and good for a day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from api.glue.failures import Invalid
from api.glue.tokens import GOOD_FOR, dated, undated
from tests.api.glue.conftest import Glue


@pytest.fixture
def token(glue: Glue) -> str:
    for name in ("a", "b", "c"):
        glue.ask("CreateDatabase", DatabaseInput={"Name": name})
    found: str = glue.ask("GetDatabases", MaxResults=2)["NextToken"]
    return found


def test_a_token_goes_on_where_the_page_before_ended(glue: Glue, token: str) -> None:
    assert [each["Name"] for each in glue.ask("GetDatabases", NextToken=token)["DatabaseList"]] == ["c"]


@pytest.mark.parametrize("wrong", ["nonsense", "0", "YQ==", "\u2603", "ZmZmZmZmZmZmZmZmZmZmZmZmZmY="])
def test_what_is_no_token_is_refused(glue: Glue, wrong: str) -> None:
    refused = glue.refusal("GetDatabases", NextToken=wrong)
    assert (refused.code, refused.message) == (
        "InvalidInputException",
        "The page token is not one of this list; list again without a token.",
    )


def test_a_token_of_another_list_is_refused(glue: Glue, token: str) -> None:
    assert glue.refusal("GetCrawlers", NextToken=token).code == "InvalidInputException"


def test_a_token_expires_with_words(glue: Glue) -> None:
    now = glue.app.engine.now()
    kept = dated("inner", now)
    assert undated(kept, now + GOOD_FOR - timedelta(seconds=1)) == "inner"
    with pytest.raises(Invalid, match="has expired, as it is good for 24 hours; list again without a token"):
        undated(kept, now + GOOD_FOR + timedelta(seconds=2))
