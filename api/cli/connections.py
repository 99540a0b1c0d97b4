"""`isinglass connection`: how stores outside are reached. What is secret of it goes in, and never comes out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import HomeOption, OutputOption, core_of, pairs
from api.cli.output import Format, Output
from api.keys import rotate
from catalog.model import Connection
from catalog.secrets import is_secret

connections = typer.Typer(help="Connections to databases and other stores.", no_args_is_help=True)

PASSWORD = "PASSWORD"  # noqa: S105 - its name
PASSWORD_VARIABLE = "ISINGLASS_CONNECTION_PASSWORD"  # noqa: S105 - its name
URL = "JDBC_CONNECTION_URL"

ConnectionName = Annotated[str, typer.Argument(metavar="CONNECTION", help="The connection.")]
PropertyOption = Annotated[
    list[str] | None,
    typer.Option("--property", metavar="NAME=VALUE", help="A property, such as USERNAME=ada. May be repeated."),
]
SecretFileOption = Annotated[
    list[str] | None,
    typer.Option("--secret-file", metavar="NAME=FILE", help="A secret property, from a file. May be repeated."),
]


@connections.command("create")
def create_connection(
    name: ConnectionName,
    url: Annotated[
        str | None, typer.Option("--url", help="JDBC URL, such as jdbc:postgresql://host:5432/shop; without password.")
    ] = None,
    user: Annotated[str | None, typer.Option("--user", help="The user's name.")] = None,
    password_file: Annotated[
        Path | None,
        typer.Option("--password-file", exists=True, dir_okay=False, help="File whose first line is the password."),
    ] = None,
    kind: Annotated[str, typer.Option(help="Glue's type of connection: JDBC, NETWORK, KAFKA and so on.")] = "JDBC",
    description: Annotated[str | None, typer.Option(help="What it leads to.")] = None,
    property: PropertyOption = None,
    secret_file: SecretFileOption = None,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of one of that name.")] = False,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Create a connection, or replace one. Where a user is named, the password is asked for.

    It is taken from --password-file, or the environment's ISINGLASS_CONNECTION_PASSWORD, where that is set.
    """
    properties = pairs(property or [], "a property such as USERNAME=ada")
    argued = next((each for each in properties if is_secret(each)), None)
    if argued is not None:
        raise typer.BadParameter(
            f"{argued} is secret, and every process of this machine can read a command line; "
            "give it by --password-file or --secret-file"
        )
    properties |= {known: value for known, value in ((URL, url), ("USERNAME", user)) if value is not None}
    secrets = {each: _first_line(Path(file)) for each, file in pairs(secret_file or [], "NAME=FILE").items()}
    password = _password(password_file, ask=user is not None and PASSWORD not in secrets)
    if password is not None:
        secrets[PASSWORD] = password
    new = Connection(name, kind, description, properties)
    catalog = core_of(home).catalog
    there = catalog.find_connection(name) if replace else None
    made = catalog.update_connection(new, secrets, there.version) if there else catalog.create_connection(new, secrets)
    Output(output).result(made, f"connection {name} {'replaced' if there else 'created'}")


@connections.command("list")
def list_connections(home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """List connections."""
    found = list(core_of(home).catalog.iter_connections())
    cells = [(each.name, each.kind, each.properties.get(URL), each.updated_at, each.description) for each in found]
    Output(output).rows(found, ["connection", "type", "url", "updated", "description"], cells)


@connections.command("show")
def show_connection(name: ConnectionName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Show a connection: its properties, and the names of those that are sealed."""
    found, out = core_of(home).catalog.get_connection(name), Output(output)
    if not out.text:
        out.json(found)
        return
    out.say(f"{found.name}, {found.kind}, version {found.version}")
    out.grid(
        ["property", "value"], [*sorted(found.properties.items()), *((each, "(sealed)") for each in found.secrets)]
    )


@connections.command("delete")
def delete_connection(name: ConnectionName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Delete a connection and its secrets. What it leads to is not touched."""
    core_of(home).catalog.delete_connection(name)
    Output(output).result({"connection": name}, f"connection {name} deleted")


@connections.command("test")
def try_connection(name: ConnectionName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Connect to the database that a JDBC connection leads to, and ask it for nothing more than an answer."""
    from crawlers import jdbc  # with SQLAlchemy's inspection, which other commands do without

    reached = jdbc.try_connection(core_of(home).catalog, name)
    Output(output).result({"connection": name, "reached": reached}, f"{name} reaches {reached}")


@connections.command("rotate-key")
def rotate_key(home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Seal all secrets with a new key of the home's; with ISINGLASS_SECRET_KEY, with the first of its keys."""
    core = core_of(home)
    keys = core.settings.secret_key
    count = rotate(
        lambda: core.catalog.reseal_secrets() + core.engine.reseal_webhook_secrets() + core.access.reseal_keys(),
        keys.get_secret_value() if keys else None,
        core.home.secret_key,
    )
    current = core.catalog.sealer().current
    Output(output).result({"resealed": count, "key": current}, f"{count} secret(s) sealed anew, with key {current}")


def _password(file: Path | None, ask: bool) -> str | None:
    if file is not None:
        return _first_line(file)
    if not ask:
        return None
    return os.environ.get(PASSWORD_VARIABLE) or str(typer.prompt("Password", hide_input=True, err=True))


def _first_line(file: Path) -> str:
    try:
        return file.read_text().partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} cannot be read: {getattr(error, 'strerror', error)}") from error
