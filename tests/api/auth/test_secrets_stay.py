"""Canaries: secrets of every kind, and where they must not turn up."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from api.auth.principals import Role
from tests.api.auth.conftest import World
from tests.api.conftest import CommandLine


def files_below(folder: Path) -> bytes:
    return b"\n".join(each.read_bytes() for each in folder.rglob("*") if each.is_file())


def test_no_secret_of_a_token_or_key_is_in_the_home_the_backup_or_what_is_listed(
    cli: CommandLine, tmp_path: Path
) -> None:
    secrets = [
        cli.json("token", "create", "ci", "--role", "editor", "--database", "shop", "--job-tag", "a=b")["secret"],
        cli.json("token", "create", "root", "--role", "admin")["secret"],
        cli.json("access-key", "create", "aws", "--role", "viewer", "--days", "7")["secret"],
    ]
    listed = [cli.run(*words.split()) for words in ("token list", "access-key list", "audit", "audit --output json")]
    cli.run("connection", "rotate-key")
    cli.run("backup", tmp_path / "backup.tar")
    with tarfile.open(tmp_path / "backup.tar") as archive:
        archive.extractall(tmp_path / "backup", filter="data")
    told = "\n".join(listed).encode() + files_below(cli.home) + files_below(tmp_path / "backup")
    assert b"aws" in told
    for secret in secrets:
        assert len(secret) > 40
        assert secret.encode() not in told


def test_the_command_line_makes_lists_and_revokes(cli: CommandLine) -> None:
    assert "shown this once: isg_" in cli.run("token", "create", "ci", "--role", "operator", "--database", "sales_*")
    assert "AWS_SECRET_ACCESS_KEY=isgs_" in cli.run("access-key", "create", "aws")
    [token] = cli.json("token", "list")
    assert (token["name"], token["grant"]["role"], token["grant"]["databases"]) == ("ci", "operator", ["sales_*"])
    assert cli.refusal("token", "create", "ci") == "isinglass: Token ci already exists."
    cli.run("token", "revoke", "ci")
    cli.run("access-key", "revoke", "aws")
    assert cli.json("token", "list") == cli.json("access-key", "list") == []
    assert cli.refusal("token", "revoke", "ci") == "isinglass: Token ci not found."
    told = [(each["operation"], each["resource"]) for each in cli.json("audit")]
    assert told == [
        ("revokeAccessKey", "access key aws"),
        ("revokeAccessToken", "token ci"),
        ("createAccessKey", "access key aws"),
        ("createAccessToken", "token ci"),
    ]


def test_no_secret_is_in_an_answer_the_audit_or_the_log(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    canaries = [f"canary-{number}-secret" for number in range(10)]
    admin = world.token(Role.ADMIN)
    connection = (
        "mutation ($s: [ParameterInput!]!, $u: String!) { createConnection(input: {name: $u, connection: "
        '{kind: "JDBC", secrets: $s}}) { connection { name properties { name value } } userErrors { message } } }'
    )
    answers = [
        world.post(admin, connection, s=[{"name": "PASSWORD", "value": canary}], u=f"c{number}")
        for number, canary in enumerate(canaries)
    ]
    answers += [world.post(canary, "{ __typename }") for canary in canaries]
    answers += [world.post(admin, "{ connections { edges { node { properties { name value } } } } }")]
    answers += [world.post(world.token(Role.VIEWER), connection, s=[{"name": "PASSWORD", "value": canaries[0]}], u="v")]
    assert answers[0]["data"]["createConnection"]["userErrors"] == []
    told = json.dumps(answers) + str(world.audit()) + "".join(capfd.readouterr())
    assert not [canary for canary in [*canaries, admin] if canary in told]
    kept = files_below(world.folder)
    assert not [canary for canary in [*canaries, admin] if canary.encode() in kept]
