"""Who a caller is, as AWS's clients ask STS before they name what they tag."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from api.glue.account import OWN_ACCOUNT
from api.glue.app import Answer, GlueApp
from api.glue.signing import AccessKey, Checked, Request
from catalog.catalog import utc_now
from catalog.errors import StoreUnavailable
from tests.api.glue.conftest import Glue

SECRET = "wJalrXUtnFEMI"


def asked(action: str = "GetCallerIdentity", secret: str = SECRET, service: str = "sts") -> Request:
    body = f"Action={action}&Version=2011-06-15".encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    made = AWSRequest("POST", "http://127.0.0.1:8765/", headers=headers, data=body)
    SigV4Auth(Credentials("AKID", secret), service, "eu-west-1").add_auth(made)
    told = {name.lower(): text for name, text in made.headers.items()}
    return Request("POST", "/", "", {"host": "127.0.0.1:8765", **told}, body)


def told(answer: Answer) -> dict[str, str]:
    assert answer.content == b"text/xml"
    return {each.tag.rpartition("}")[2]: each.text or "" for each in ElementTree.fromstring(answer.body).iter()}


def checked(glue: Glue) -> GlueApp:
    keys = {"AKID": AccessKey(SECRET, "ada")}
    return GlueApp(glue.catalog, glue.app.engine, OWN_ACCOUNT, Checked(keys.get, utc_now))


def test_a_caller_is_told_the_account_and_itself(glue: Glue) -> None:
    assert told(glue.app.answer(asked()))["Account"] == OWN_ACCOUNT
    answer = checked(glue).answer(asked())
    assert answer.status == 200
    found = told(answer)
    assert (found["Account"], found["Arn"]) == (OWN_ACCOUNT, f"arn:aws:iam::{OWN_ACCOUNT}:user/ada")


@pytest.mark.parametrize("changed", [{"secret": "another"}, {"service": "glue"}])
def test_a_wrong_signature_is_refused(glue: Glue, changed: dict[str, str]) -> None:
    answer = checked(glue).answer(asked(**changed))
    assert (answer.status, told(answer)["Code"]) == (403, "InvalidSignature")


def test_what_is_signed_for_sts_is_good_for_nothing_else(glue: Glue) -> None:
    request = asked()
    request.headers["x-amz-target"] = "AWSGlue.GetDatabases"  # type: ignore[index]
    assert checked(glue).answer(request).error == "InvalidSignatureException"


def test_other_actions_are_refused_by_name(glue: Glue) -> None:
    answer = glue.app.answer(asked("AssumeRole"))
    found = told(answer)
    assert (answer.status, found["Code"]) == (400, "InvalidAction")
    assert "AssumeRole" in found["Message"]


def test_a_database_that_is_away_is_told_as_the_services_own_failure(glue: Glue) -> None:
    def gone(_key: str) -> AccessKey:
        raise StoreUnavailable(url="sqlite://", why="it does not answer")

    def broken(_key: str) -> AccessKey:
        raise RuntimeError("a fault of ours")

    for look_up, words in ((gone, "it does not answer"), (broken, "its log says why")):
        answer = GlueApp(glue.catalog, glue.app.engine, OWN_ACCOUNT, Checked(look_up, utc_now)).answer(asked())
        found = told(answer)
        assert (answer.status // 100, found["Type"]) == (5, "Receiver")
        assert words in found["Message"]
