"""Keys that are not written down: of a process, a role, and the machine that the service runs on."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import boto3
import pytest
from moto.server import ThreadedMotoServer

from crawlers.errors import PlaceNotFound
from crawlers.places import open_place
from crawlers.places.aws import find_access

ROLE = "arn:aws:iam::123456789012:role/crawler"


def environment(folder: Path, config: str, **more: str) -> dict[str, str]:
    (folder / "config").write_text(config)
    return {
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
        **more,
    }


def process(folder: Path, body: str) -> str:
    """A profile whose keys come of a script."""
    (folder / "keys.py").write_text(body)
    return f"[profile p]\ncredential_process = {sys.executable} {folder / 'keys.py'}\n"


def keys(lasts: timedelta) -> dict[str, object]:
    return {
        "Version": 1,
        "AccessKeyId": "id-of-process",
        "SecretAccessKey": "secret",
        "SessionToken": "token",
        "Expiration": (datetime.now(UTC) + lasts).isoformat(),
    }


def test_a_process_gives_keys_and_is_asked_again_when_they_expire(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    script = f"print(open({str(asked)!r}, 'a').write('x') and {json.dumps(keys(timedelta(hours=2)))!r})"
    given = environment(tmp_path, process(tmp_path, script), AWS_PROFILE="p")
    for _ in range(3):
        found = find_access(given)
        assert found.signed
        assert found.options["aws_access_key_id"] == "id-of-process"
        assert found.options["aws_session_token"] == "token"
    assert asked.read_text() == "x"
    expiring = f"print(open({str(asked)!r}, 'a').write('y') and {json.dumps(keys(timedelta(minutes=1)))!r})"
    given = environment(tmp_path, process(tmp_path, expiring) + "region = eu-west-1\n", AWS_PROFILE="p")
    assert [find_access(given).region for _ in range(2)] == ["eu-west-1", "eu-west-1"]
    assert asked.read_text().count("y") > 1


def test_keys_of_the_environment_come_before_a_process(tmp_path: Path) -> None:
    both = {"AWS_PROFILE": "p", "AWS_ACCESS_KEY_ID": "id-of-environment", "AWS_SECRET_ACCESS_KEY": "s"}
    given = environment(tmp_path, process(tmp_path, "raise SystemExit(1)"), **both)
    assert find_access(given).options["aws_access_key_id"] == "id-of-environment"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("import sys; sys.exit('the secret is 42')", "CredentialRetrievalError"),
        ("print('{}')", "CredentialRetrievalError"),
        ("print('no JSON')", "JSONDecodeError"),
    ],
)
def test_a_process_that_gives_none_is_named_and_what_it_said_is_not_told(
    tmp_path: Path, script: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(tmp_path, process(tmp_path, script), AWS_PROFILE="p").items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(PlaceNotFound, match=rf"profile p gets its keys by credential_process.*\({why}\)") as raised:
        open_place("s3://bucket/x")
    assert "42" not in str(raised.value)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (f"role_arn = {ROLE}\nsource_profile = p\nmfa_serial = phone\n", "asks for a code"),
        (f"role_arn = {ROLE}\nsource_profile = nobody\n", "by role_arn, which failed .InvalidConfigError"),
        ("sso_session = work\nsso_account_id = 1\nsso_role_name = r\n", "by sso_session, which failed"),
    ],
)
def test_a_profile_that_cannot_be_followed_is_named(tmp_path: Path, settings: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"profile p .*{why}"):
        find_access(environment(tmp_path, f"[profile p]\n{settings}", AWS_PROFILE="p"))


def test_without_botocore_the_extra_that_brings_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore.exceptions", None)
    with pytest.raises(ValueError, match=r"pip install 'isinglass\[glue\]'"):
        find_access(environment(tmp_path, process(tmp_path, ""), AWS_PROFILE="p"))


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A store, and a server that lends roles, with a bucket in it; and an environment without keys."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    client.create_bucket(Bucket="bucket")
    client.put_object(Bucket="bucket", Key="a.csv", Body=b"x")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_EC2_METADATA_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nonexistent")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", endpoint)
    yield endpoint
    server.stop()


def test_a_profile_s_role_is_taken_on_with_the_keys_of_another(moto: str, tmp_path: Path) -> None:
    config = (
        f"[profile p]\nrole_arn = {ROLE}\nsource_profile = base\nregion = us-east-1\n"
        "[profile base]\naws_access_key_id = base\naws_secret_access_key = secret\n"
    )
    options = find_access(environment(tmp_path, config, AWS_PROFILE="p")).options
    assert options["aws_access_key_id"] != "base"
    assert options["aws_session_token"]


@contextmanager
def machine(asked: list[str]) -> Iterator[str]:
    """A cloud's service that hands out a machine's keys; in `asked` stands what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.answer("session")

        def do_GET(self) -> None:
            role = self.path.endswith("/security-credentials/")
            now = datetime.now(UTC).isoformat()
            self.answer("crawler" if role else json.dumps(keys(timedelta(hours=1)) | {
                "Code": "Success", "Token": "token", "LastUpdated": now, "AccessKeyId": "id-of-machine",
            }))  # fmt: skip

        def answer(self, text: str) -> None:
            asked.append(f"{self.command} {self.path}")
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


def test_a_machine_s_own_keys_are_asked_for_where_it_is_said_to_have_them(
    moto: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    with machine(asked) as endpoint:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint)
        assert find_access().signed
        place = open_place("s3://bucket/")
        assert [file.name for folder in place.walk(lambda _: True) for file in folder.files] == ["a.csv"]
    assert asked == [
        "PUT /latest/api/token",
        "GET /latest/meta-data/iam/security-credentials/",
        "GET /latest/meta-data/iam/security-credentials/crawler",
    ]


def test_a_machine_is_not_asked_if_that_is_switched_off_or_nothing_answers(
    moto: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    with machine(asked) as endpoint:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        assert not find_access().signed
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", f"{endpoint}/gone")
    assert not find_access().signed
    assert asked == []
