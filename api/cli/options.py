"""The options that every command takes, and how a command reaches the core through them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from api.cli.output import Format
from api.core import Core, open_core
from api.settings import Settings
from catalog.errors import InvalidInput

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home", metavar="DIR", help="Folder of catalog, runs and logs. [env: ISINGLASS_HOME; default: ~/.isinglass]"
    ),
]
OutputOption = Annotated[Format, typer.Option("--output", help="Tables and sentences, or JSON for programs.")]


def settings_of(home: Path | None, **given: object) -> Settings:
    """The settings of the environment, with what the command line gave on top. Raises InvalidInput."""
    known = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings(**({"home": home} if home else {}), **known)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = f"ISINGLASS_{str(first['loc'][0]).upper()}"
        raise InvalidInput(what=f"setting {name}", why=f"{first['msg']}.") from None


def core_of(home: Path | None) -> Core:
    return open_core(settings_of(home), "cli")


def pairs(texts: list[str], what: str) -> dict[str, str]:
    """`name=value` texts as a mapping; anything else is a usage error."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"{text!r} is not {what}")
        found[name] = value
    return found
