"""`isinglass search`: finding anything by what it says."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.options import HomeOption, OutputOption, core_of
from api.cli.output import Format, Output
from catalog.search.matches import Match
from catalog.search.search import Hit, Narrowing
from engine.doors.search_doors import Kind


def search(
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="Words, or begins of them; a slip of a letter is forgiven.")
    ],
    kinds: Annotated[
        list[Kind] | None, typer.Option("--kind", case_sensitive=False, help="Only such things; may be repeated.")
    ] = None,
    database: Annotated[str | None, typer.Option(help="Only what belongs to this database.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="At most so many.")] = 20,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Search databases, tables and their columns, crawlers, jobs and all else: the best hits first.

    Names, columns, comments, parameters, tags and locations are searched. All words must be found.
    """
    core, out = core_of(home), Output(output)
    page = core.engine.search(text, Narrowing(tuple(kinds or ()), database), limit)
    cells = [(hit.kind.lower(), hit.full_name, hit.score, _why(hit)) for hit in page.items]
    out.rows([_plain(hit) for hit in page.items], ["kind", "name", "score", "found in"], cells)
    if page.next_token:
        out.errors.print(f"there are more than {limit:,}; ask for them with --limit, or name more words")


def _plain(hit: Hit) -> dict[str, object]:
    matches = [
        {"field": str(each.field.name), "of": each.of, "fragment": each.fragment, "ranges": each.ranges}
        for each in hit.matches
    ]
    return {"kind": hit.kind, "name": hit.full_name, "score": hit.score, "matches": matches}


def _why(hit: Hit) -> str:
    """The most telling text; that it is the name needs no words."""
    return _told(hit.matches[0]) if hit.matches else ""


def _told(match: Match) -> str:
    field = str(match.field.name).lower()
    return f"{field} {match.of}" if match.of == match.fragment else f"{field} {match.fragment}"
