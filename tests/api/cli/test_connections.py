"""`isinglass connection`: what goes in by file, prompt or environment, and never comes out."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from api.cli.connections import PASSWORD_VARIABLE
from api.keys import SETTING
from tests.api.conftest import CommandLine
from tests.conftest import Postgres

SECRET = "hunter2-0ad5"
SHOP = "jdbc:postgresql://127.0.0.1:1/shop"


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(f"{SECRET}\n")
    return file


@pytest.fixture
def shop(cli: CommandLine, password_file: Path) -> CommandLine:
    cli.run("connection", "create", "shop", "--url", SHOP, "--user", "ada", "--password-file", password_file)
    return cli


def test_a_connection_is_created_listed_shown_and_deleted_and_its_password_never_told(shop: CommandLine) -> None:
    said = [shop.run("connection", "show", "shop"), shop.run("connection", "list")]
    shown = shop.json("connection", "show", "shop")
    said += [json.dumps(shown), json.dumps(shop.json("connection", "list"))]
    assert shown["properties"] == {"JDBC_CONNECTION_URL": SHOP, "USERNAME": "ada"}
    assert shown["secrets"] == ["PASSWORD"]
    assert "(sealed)" in said[0]
    assert SECRET not in "".join(said)
    assert shop.run("connection", "delete", "shop") == "connection shop deleted\n"
    assert shop.refusal("connection", "show", "shop") == "isinglass: Connection shop not found."


def test_no_file_of_the_home_holds_the_password_in_the_clear(shop: CommandLine) -> None:
    found = [path for path in shop.home.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert found == []
    assert stat.S_IMODE((shop.home / "secret.key").stat().st_mode) == 0o600


def test_a_password_can_come_from_the_environment(cli: CommandLine) -> None:
    cli.monkeypatch.setenv(PASSWORD_VARIABLE, SECRET)
    cli.run("connection", "create", "shop", "--url", SHOP, "--user", "ada")
    assert cli.json("connection", "show", "shop")["secrets"] == ["PASSWORD"]


@pytest.mark.timeout(60)
def test_a_password_can_be_typed_and_is_not_echoed(cli: CommandLine) -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, "-c", "from api.cli import main; main()", "connection", "create", "shop"]
    command += ["--url", SHOP, "--user", "ada", "--home", str(cli.home)]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, start_new_session=True) as it:
        told = b""
        while b"Password: " not in told:  # its last sign comes when the echo is off
            told += os.read(ours, 1_000)
        os.write(ours, f"{SECRET}\n".encode())
        assert it.wait(60) == 0
    told += os.read(ours, 1_000)
    os.close(ours)
    os.close(theirs)
    assert SECRET.encode() not in told
    assert cli.json("connection", "show", "shop")["secrets"] == ["PASSWORD"]


@pytest.mark.parametrize("name", ["PASSWORD", "password", "SECRET_ID", "api-key"])
def test_a_secret_on_the_command_line_is_refused(cli: CommandLine, name: str) -> None:
    said = cli.try_("connection", "create", "shop", "--property", f"{name}={SECRET}")
    assert said.code == 2
    assert SECRET not in said.out + said.err


def test_a_password_inside_the_url_is_refused_and_not_repeated(cli: CommandLine) -> None:
    refused = cli.refusal("connection", "create", "shop", "--url", f"jdbc:postgresql://ada:{SECRET}@host/shop")
    assert "a password seems to stand in it" in refused
    assert SECRET not in refused


def test_a_connection_is_replaced_only_if_that_is_meant(shop: CommandLine) -> None:
    assert "already exists" in shop.refusal("connection", "create", "shop", "--kind", "NETWORK")
    shop.run("connection", "create", "shop", "--kind", "NETWORK", "--replace")
    shown = shop.json("connection", "show", "shop")
    assert (shown["kind"], shown["secrets"], shown["version"]) == ("NETWORK", [], 1)


def test_a_key_is_rotated_and_what_it_sealed_can_still_be_used(shop: CommandLine, tmp_path: Path) -> None:
    first = (shop.home / "secret.key").read_text().split()
    told = shop.json("connection", "rotate-key")
    assert told["resealed"] == 1
    again = shop.json("connection", "rotate-key")
    assert again["key"] != told["key"]
    kept = (shop.home / "secret.key").read_text().split()
    assert len(kept) == 2
    assert first[0] not in kept
    assert "does not reach" in shop.refusal("connection", "test", "shop")  # it was opened, and nobody listens there


def test_keys_may_come_from_the_environment_and_a_wrong_one_is_named_as_such(cli: CommandLine) -> None:
    keys = ["A" * 43 + "=", "B" * 42 + "A="]
    cli.monkeypatch.setenv(PASSWORD_VARIABLE, SECRET)
    cli.monkeypatch.setenv(SETTING, keys[0])
    cli.run("connection", "create", "shop", "--url", SHOP, "--user", "ada")
    assert not (cli.home / "secret.key").exists()
    cli.monkeypatch.setenv(SETTING, keys[1])
    refused = cli.refusal("connection", "test", "shop")
    assert refused.startswith("isinglass: Secret PASSWORD of connection shop cannot be used: key ")
    assert "is not at hand" in refused
    cli.monkeypatch.setenv(SETTING, f"{keys[1]},{keys[0]}")
    assert cli.json("connection", "rotate-key")["resealed"] == 1
    cli.monkeypatch.setenv(SETTING, keys[1])
    assert "does not reach" in cli.refusal("connection", "test", "shop")


@pytest.mark.parametrize("key", ["short", "QUJD", "é"])
def test_a_key_that_is_none_is_refused_and_not_repeated(cli: CommandLine, key: str) -> None:
    cli.monkeypatch.setenv(PASSWORD_VARIABLE, SECRET)
    cli.monkeypatch.setenv(SETTING, key)
    refused = cli.refusal("connection", "create", "shop", "--url", SHOP, "--user", "ada")
    assert "32 random bytes" in refused
    assert key not in refused


def test_a_key_file_that_others_may_read_is_refused(shop: CommandLine) -> None:
    (shop.home / "secret.key").chmod(0o644)
    assert "others may read it" in shop.refusal("connection", "test", "shop")


def without_user(text: str) -> str:
    url = make_url(text)
    return URL.create("postgresql", database=url.database, query=url.query).render_as_string()


def test_a_connection_is_tried_on_the_real_database(
    cli: CommandLine, postgres: Postgres, tmp_path: Path, password_file: Path
) -> None:
    file = tmp_path / "shop.db"
    cli.run("connection", "create", "nothing", "--url", f"jdbc:sqlite:{file}")
    assert "does not reach" in cli.refusal("connection", "test", "nothing")
    file.write_bytes(b"")
    assert cli.run("connection", "test", "nothing").startswith("nothing reaches sqlite:")
    file.write_text("no database" * 500)
    assert "file is not a database" in cli.refusal("connection", "test", "nothing")
    text = without_user(postgres.url_of("migrated"))
    cli.run("connection", "create", "real", "--url", text, "--user", "postgres", "--password-file", password_file)
    assert "real reaches postgresql" in cli.run("connection", "test", "real")


def test_a_database_that_refuses_the_user_is_told_without_the_password(
    cli: CommandLine, postgres: Postgres, password_file: Path
) -> None:
    text = without_user(postgres.url)
    cli.run("connection", "create", "real", "--url", text, "--user", "nobody", "--password-file", password_file)
    refused = cli.refusal("connection", "test", "real")
    assert "nobody" in refused
    assert SECRET not in refused
