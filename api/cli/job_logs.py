"""`isinglass job logs`: what a run's script wrote, also while it still does."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import typer

from api.cli.options import HomeOption, OutputOption, core_of
from api.cli.output import Format, Output
from catalog.errors import InvalidInput

POLL_SECONDS = 0.1


def show_logs(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="The run's id.")],
    errors: Annotated[bool, typer.Option("--errors", help="Standard error and Spark's log, not the output.")] = False,
    log: Annotated[
        str | None, typer.Option("--log", metavar="NAME", help="A log by its name; executors have some of their own.")
    ] = None,
    names: Annotated[bool, typer.Option("--list", help="List the run's logs.")] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run has ended.")] = False,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Print what a run's script wrote."""
    core, out = core_of(home), Output(output)
    core.engine.get_run(run_id)
    found = core.engine.list_logs(run_id)
    if names:
        out.rows(found, ["log", "bytes"], [(each.name, f"{each.size:,}") for each in found])
        return
    name = log or ("error" if errors else "output")
    if not follow and name not in {each.name for each in found}:
        why = f"its logs are {', '.join(each.name for each in found)}." if found else "it has not begun."
        raise InvalidInput(what=f"log of run {run_id}", why=why)
    followed = core.engine.follow_log(run_id, name)
    followed.ended = followed.ended or not follow
    texts = []
    while (part := followed.news()) is not None:
        if not out.text:
            texts.append(part.text)
        elif part.text:
            sys.stdout.write(part.text)
            sys.stdout.flush()
        if not part.text:
            time.sleep(POLL_SECONDS)
    if not out.text:
        out.json({"run": run_id, "log": "".join(texts)})
