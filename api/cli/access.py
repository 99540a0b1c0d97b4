"""`isinglass token`, `access-key` and `audit`: who may call the service, and who did what."""

from __future__ import annotations

from typing import Annotated

import typer

from api.auth.audit import Asking
from api.auth.grants import Issued, Wanted, grant_of
from api.auth.principals import LOCAL, Role
from api.cli.options import HomeOption, OutputOption, core_of, pairs
from api.cli.output import Format, Output
from api.core import Core
from catalog.paging import all_pages

tokens = typer.Typer(help="Tokens by which a service with ISINGLASS_AUTH=on knows its callers.", no_args_is_help=True)
access_keys = typer.Typer(help="Access keys by which clients of AWS sign their requests.", no_args_is_help=True)

TokenName = Annotated[str, typer.Argument(metavar="NAME", help="By which changes and the audit call its holder.")]
RoleOption = Annotated[Role, typer.Option(help="What its holder may do.")]
DatabaseOption = Annotated[
    list[str] | None,
    typer.Option("--database", metavar="PATTERN", help="Only in databases like this, as sales_*. May be repeated."),
]
JobTagOption = Annotated[
    list[str] | None,
    typer.Option("--job-tag", metavar="NAME=VALUE", help="Only for jobs with this tag. May be repeated."),
]
DaysOption = Annotated[float | None, typer.Option(help="That it is good for; default: until it is revoked.")]
_HEADINGS = ["name", "role", "scopes", "created", "expires", "last used"]


@tokens.command("create")
def create_token(
    name: TokenName,
    role: RoleOption = Role.VIEWER,
    database: DatabaseOption = None,
    job_tag: JobTagOption = None,
    days: DaysOption = None,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Create a token, and show it, this once."""
    core = core_of(home)
    issued, secret = core.access.create_token(_wanted(name, role, database, job_tag, days))
    _record(core, "createAccessToken", f"token {name}")
    Output(output).result({"token": issued, "secret": secret}, f"token {name}, shown this once: {secret}")


@tokens.command("list")
def list_tokens(home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """List tokens, without what is secret of them."""
    found = list(all_pages(core_of(home).access.list_tokens))
    Output(output).rows(found, _HEADINGS, [_cells(each) for each in found])


@tokens.command("revoke")
def revoke_token(name: TokenName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Take a token back; services honour that within two seconds."""
    core = core_of(home)
    core.access.revoke_token(name)
    _record(core, "revokeAccessToken", f"token {name}")
    Output(output).result({"token": name}, f"token {name} is good for nothing any more")


@access_keys.command("create")
def create_access_key(
    name: TokenName,
    role: RoleOption = Role.VIEWER,
    database: DatabaseOption = None,
    job_tag: JobTagOption = None,
    days: DaysOption = None,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Create an access key, and show its secret, this once."""
    core = core_of(home)
    issued, secret = core.access.create_key(_wanted(name, role, database, job_tag, days))
    _record(core, "createAccessKey", f"access key {name}")
    told = f"access key {name}, its secret shown this once\n"
    told += f"AWS_ACCESS_KEY_ID={issued.key_id}\nAWS_SECRET_ACCESS_KEY={secret}"
    Output(output).result({"access_key": issued, "secret": secret}, told)


@access_keys.command("list")
def list_access_keys(home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """List access keys, without what is secret of them."""
    found = list(all_pages(core_of(home).access.list_keys))
    Output(output).rows(found, ["key id", *_HEADINGS], [(each.key_id, *_cells(each)) for each in found])


@access_keys.command("revoke")
def revoke_access_key(name: TokenName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Take an access key back; services honour that within two seconds."""
    core = core_of(home)
    core.access.revoke_key(name)
    _record(core, "revokeAccessKey", f"access key {name}")
    Output(output).result({"access_key": name}, f"access key {name} is good for nothing any more")


def show_audit(
    principal: Annotated[str | None, typer.Option(metavar="NAME", help="Of one principal.")] = None,
    refused: Annotated[bool, typer.Option("--refused", help="The refusals alone.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="So many of the last.")] = 50,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Show who did what: the writes and refusals of a service with ISINGLASS_AUTH=on, newest first."""
    found = core_of(home).access.list_audit(limit, None, principal, False if refused else None).items
    cells = [
        (each.at, each.principal, each.face, each.operation, each.resource, "allowed" if each.allowed else "refused")
        for each in found
    ]
    Output(output).rows(found, ["time", "principal", "face", "operation", "resource", ""], cells)


def _wanted(name: str, role: Role, database: list[str] | None, job_tag: list[str] | None, days: float | None) -> Wanted:
    tags = pairs(job_tag or [], "a tag such as team=sales")
    return Wanted(name, grant_of(role, tuple(database or ()), tags), days)


def _record(core: Core, operation: str, resource: str) -> None:
    """Whoever uses the command line is the machine's owner, whom nothing is refused; but tokens are told of."""
    core.access.record(LOCAL.name, Asking("cli", operation), resource, allowed=True)


def _cells(issued: Issued) -> tuple[object, ...]:
    grant = issued.grant
    scopes = [*grant.databases, *(f"{name}={value}" for name, value in grant.job_tags)]
    return issued.name, grant.role, ", ".join(scopes) or "all", issued.created_at, issued.expires_at, issued.used_at
