"""`isinglass events`: what has happened, and what happens."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import msgspec
import typer

from api.cli.catalog import instant
from api.cli.options import HomeOption, OutputOption, core_of
from api.cli.output import Format, Output
from engine.engine import Engine
from engine.events.event_model import Event, EventFilter, EventKind, envelope
from engine.events.events import LISTING

POLL_SECONDS = 0.2
AT_ONCE = 500

KindOption = Annotated[
    list[EventKind] | None, typer.Option("--kind", case_sensitive=False, help="Of that kind. May be repeated.")
]
SubjectOption = Annotated[
    list[str] | None,
    typer.Option("--subject", metavar="NAME", help="Of a job, crawler, workflow or DATABASE.TABLE. May be repeated."),
]


def show_events(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what happens, until interrupted.")] = False,
    kind: KindOption = None,
    subject: SubjectOption = None,
    since: Annotated[
        datetime | None, typer.Option(metavar="TIME", parser=instant, help="All since then; default: the last ones.")
    ] = None,
    after: Annotated[
        str | None, typer.Option(metavar="CURSOR", help="All behind an event, by the cursor that JSON tells of it.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="So many of the last, without --since.")] = 50,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Show what has happened: runs' moves, tables changed, runs that take long, workflows' ends.

    As JSON with --follow, each event is a line.
    """
    engine, out = core_of(home).engine, Output(output)
    wanted = EventFilter(tuple(kind or ()), tuple(subject or ()), since)
    if since is None and after is None:
        found = engine.list_last_events(limit, wanted)
    else:
        found = list(_all_after(engine, after, wanted))
    if not follow:
        out.rows([_shown(each) for each in found], ["time", "kind", "what", ""], [_cells(each) for each in found])
        return
    at = LISTING.token_after(found[-1].position if found else engine.end_of_events()) if found or not after else after
    try:
        _tell(out, found)
        while True:
            new = engine.list_events_after(at, wanted, AT_ONCE).items
            _tell(out, new)
            if new:
                at = LISTING.token_after(new[-1].position)
            else:
                time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        return


def _all_after(engine: Engine, after: str | None, wanted: EventFilter) -> Iterator[Event]:
    while True:
        page = engine.list_events_after(after, wanted, AT_ONCE)
        yield from page.items
        after = page.next_token
        if after is None:
            return


def _tell(out: Output, events: list[Event] | tuple[Event, ...]) -> None:
    for event in events:
        if out.text:
            at, kind, subject, words = _cells(event)
            out.say(f"{at:%Y-%m-%d %H:%M:%S}  {kind:<15}  {subject or '-'}  {words}")
        else:
            sys.stdout.write(msgspec.json.encode(_shown(event), order="sorted").decode() + "\n")
            sys.stdout.flush()


def _shown(event: Event) -> dict[str, object]:
    return {**envelope(event), "cursor": LISTING.token_after(event.position)}


def _cells(event: Event) -> tuple[datetime, str, str | None, str]:
    detail = event.detail
    words = [str(detail[name]) for name in ("typeOfChange", "state", "message") if detail.get(name)]
    if event.kind in (EventKind.JOB_STATE, EventKind.CRAWL_STATE):
        words = [str(detail["state"]), str(event.run_id)]
    return event.at, event.kind.lower().replace("_", "-"), event.subject, "  ".join(words)
