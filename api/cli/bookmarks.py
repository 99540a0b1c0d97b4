"""`isinglass bookmark`: what a job has read so far, what it would read next, and how to change that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer

from api.cli.jobs import JobName
from api.cli.options import HomeOption, OutputOption, core_of
from api.cli.output import Format, Output
from engine.model import Bookmark, CountState, FileState, KeyState, SourceState
from engine.reads.next_reads import NextRead, preview, set_to_now
from engine.reads.selection import Reason

bookmarks = typer.Typer(help="What a job has read so far.", no_args_is_help=True)

ToRun = Annotated[str | None, typer.Argument(metavar="[RUN]", help="A run's id: only what came after it is forgotten.")]


@bookmarks.command("show")
def show_bookmark(
    name: JobName,
    history: Annotated[int, typer.Option(min=1, max=1_000, help="How many of its last moves to show.")] = 10,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Show what a job has read, source by source, and which runs moved its bookmark."""
    core, out = core_of(home), Output(output)
    bookmark = core.engine.get_bookmark(name)
    moves = core.engine.list_bookmark_history(name, history)
    if not out.text:
        out.json({**{each: getattr(bookmark, each) for each in bookmark.__dataclass_fields__}, "history": moves})
        return
    out.say(f"bookmark of {name}, version {bookmark.version}, after {_mover(bookmark)}")
    cells = [(context, *_read_up_to(state)) for context, state in sorted(bookmark.sources.items())]
    out.rows([], ["source (transformation_ctx)", "read up to", "remembered one by one"], cells)
    out.say("its moves, newest first:")
    runs = [each.run_id for each in moves if each.run_id]
    sources = core.engine.batch_list_sources(runs)
    read = {run: sum(source.selected_files for source in found) for run, found in sources.items()}
    lines = [(each.version, each.at, _mover(each), read.get(each.run_id or "")) for each in moves]
    out.grid(["version", "at", "moved by", "files read"], lines, indent=2)


def _mover(bookmark: Bookmark) -> str:
    return f"run {bookmark.run_id}" if bookmark.run_id else f"({bookmark.note or 'reset'})"


def _read_up_to(state: SourceState) -> tuple[object, object]:
    if isinstance(state, FileState):
        return datetime.fromtimestamp(state.high_ms / 1000, UTC), len(state.seen)
    if isinstance(state, KeyState):
        order = "descending" if state.descending else "ascending"
        return f"({', '.join(state.keys)}) = ({', '.join(state.last or ('nothing yet',))}), {order}", None
    assert isinstance(state, CountState)  # noqa: S101 — the last of the three
    return f"count {state.count}", None


@bookmarks.command("preview")
def preview_bookmark(
    name: JobName,
    everything: Annotated[bool, typer.Option("--all", help="Also the files that would not be read, and why.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Files shown of each source.")] = 50,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Show what a job's next run would read, without running it."""
    core, out = core_of(home), Output(output)
    found = preview(core.catalog, core.engine, name)
    if not out.text:
        out.json([_as_data(each) for each in found])
        return
    if not found:
        out.say("no run of it has read anything through a transformation_ctx with its bookmark on")
    for each in found:
        out.say(f"{each.source} (bookmark {each.context}): {_summary(each)}")
        if each.choice is None:
            continue
        if each.choice.note:
            out.say(f"  {each.choice.note}")
        wanted = [one for one in each.choice.judged if everything or one[1].selected]
        cells = [
            (file.path, file.size, datetime.fromtimestamp(file.modified_ms / 1000, UTC), reason.words)
            for file, reason in wanted[:limit]
        ]
        if cells:
            out.grid(["file", "bytes", "changed", "why"], cells, indent=2)
        if len(wanted) > limit:
            out.say(f"  and {len(wanted) - limit} more (--limit)")


def _summary(read: NextRead) -> str:
    if read.trouble:
        return read.trouble
    if read.choice is None:
        return f"rows whose ({', '.join(read.keys)}) come after ({', '.join(read.after or ('the beginning',))})"
    return "; ".join(_counted(read)) or "no files"


def _counted(read: NextRead) -> Iterator[str]:
    for name, count in sorted(read.counts.items(), key=lambda each: not Reason(each[0]).selected):
        yield f"{count} {'to read' if Reason(name).selected else 'not'}: {Reason(name).words}"


def _as_data(read: NextRead) -> dict[str, object]:
    judged = read.choice.judged if read.choice else ()
    return {
        "context": read.context,
        "source": read.source,
        "reasons": read.counts,
        "files": [{"path": f.path, "size": f.size, "modified_ms": f.modified_ms, "reason": why} for f, why in judged],
        "keys": read.keys,
        "after": read.after,
        "note": read.choice.note if read.choice else None,
        "trouble": read.trouble,
    }


@bookmarks.command("set")
def set_bookmark(
    name: JobName,
    now: Annotated[bool, typer.Option("--now", help="All that is there now is taken for read.")] = False,
    to_run: Annotated[str | None, typer.Option("--to-run", metavar="RUN", help="Back to how a run left it.")] = None,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Move a job's bookmark: to now, or back to how a run left it."""
    if now == (to_run is not None):
        raise typer.BadParameter("give one of --now and --to-run")
    core = core_of(home)
    if to_run is not None:
        done = core.engine.rewind_bookmark(name, to_run)
        Output(output).result(done, f"bookmark of {name} is as run {to_run} left it")
        return
    done = set_to_now(core.catalog, core.engine, name)
    Output(output).result(done, f"bookmark of {name} is set to now: what is there already will not be read")


@bookmarks.command("reset")
def reset_bookmark(
    name: JobName, run: ToRun = None, home: HomeOption = None, output: OutputOption = Format.TEXT
) -> None:
    """Forget what a job has read, or what it has read since RUN: its next run reads that again."""
    core = core_of(home)
    if run is not None:
        done = core.engine.rewind_bookmark(name, run)
        Output(output).result(done, f"bookmark of {name} is as run {run} left it")
        return
    forgotten = core.engine.reset_bookmark(name)
    Output(output).result(forgotten, f"bookmark of {name} reset" if forgotten else f"job {name} has no bookmark")
