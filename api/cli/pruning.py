"""`isinglass prune`: removing what is not to be kept."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from api.cli.options import HomeOption, OutputOption, core_of
from api.cli.output import Format, Output


def prune(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")] = False,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Remove old runs with their events and reports, logs, unused modules, and old states of bookmarks.

    What is kept is told by the settings ISINGLASS_KEEP_RUNS_DAYS, KEEP_RUNS, KEEP_LOGS_DAYS, KEEP_MODULES_DAYS and
    KEEP_BOOKMARKS. A service does so by itself every hour. Data are never touched.
    """
    from engine.ledger.upkeep import prune

    core = core_of(home)
    gone = prune(core.engine, core.home.path, core.settings.keep, dry_run)
    if not dry_run:
        core.access.prune_audit(core.settings.keep_audit_days)
    counts = ", ".join(f"{name}: {count:,}" for name, count in dataclasses.asdict(gone).items())
    told = f"{'would be removed' if dry_run else 'removed'} ({counts})"
    Output(output).result({"dry_run": dry_run, **dataclasses.asdict(gone)}, told)
