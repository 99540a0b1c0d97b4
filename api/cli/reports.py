"""What a crawl saw and did, or would do, for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rich.text import Text

from api.cli.catalog import show_differences
from api.cli.output import Output
from catalog.changes import Difference
from crawlers.plans import PlanState
from crawlers.report import APART, Action, ColumnEvidence, Files, Notes, Report, TableReport, Vote
from engine.crawling.plans import FullPlan
from engine.crawling.readers import Reader

SHOWN_NOTES = 20
_STYLES = {
    Action.CREATED: "green",
    Action.UPDATED: "yellow",
    Action.DEPRECATED: "yellow",
    Action.DELETED: "red",
    Action.LOGGED: "cyan",
}


def show_report(out: Output, report: Report, indent: int = 0) -> None:
    """A crawl for people: each table with why it is one, the files that were left out, and where the time went."""
    margin = " " * indent
    files = report.files
    seconds = sum(report.seconds.values())
    tables = _some(len(report.tables), "table")
    out.say(f"{margin}{_seen(files)} seen, {files.read:,} read, {tables}, {seconds:.1f} s")
    apart: dict[str, str] = {}
    for table in report.tables:
        _show_table(out, replace(table, why=_said_once(table, apart)), indent + 2, report.dry_run)
    for word, notes in (("failed", files.failed), ("skipped", files.skipped)):
        _show_notes(out, word, notes, margin)
    if seconds >= 1:
        stages = ", ".join(f"{stage} {spent:.1f} s" for stage, spent in report.seconds.items())
        out.say(f"{margin}time: {stages}")
    if report.dry_run:
        out.say(f"{margin}a dry run: nothing was written")
    elif not report.written:
        out.say(f"{margin}nothing has changed: nothing was written")


def _seen(files: Files) -> str:
    whole = files.seen - files.of_servers
    parts = [_some(whole, "file")] if whole or not files.of_servers else []
    parts += [_some(files.of_servers, "table") + " of a server"] if files.of_servers else []
    return ", ".join(parts)


def _said_once(table: TableReport, apart: dict[str, str]) -> str:
    """Why the files are the table; a reason that keeps many apart is told for the first of them, noted in `apart`."""
    story, sign, reason = table.why.partition(APART)
    first = apart.setdefault(reason, table.name) if sign else table.name
    return table.why if first == table.name else f"{story} a table of its own as {first} is."


def show_plan(out: Output, full: FullPlan, state: PlanState) -> None:
    """A plan for people: the report, who reads what would change, and what can be done with it."""
    plan = full.plan
    show_report(out, full.body.report)
    breaking, safe = _counted(full.body.report)
    out.say(f"{breaking:,} breaking and {safe:,} safe differences; {_counts(full)}")
    _show_readers(out, full.readers)
    if state is PlanState.APPLIED:
        out.say(f"plan {plan.id} was applied at {plan.applied_at:%Y-%m-%d %H:%M:%S}: {', '.join(plan.applied)}")
    elif state is PlanState.EXPIRED:
        out.say(f"plan {plan.id} expired at {plan.expires_at:%Y-%m-%d %H:%M:%S}")
    elif plan.changing:
        out.say(f"write it with: isinglass crawl apply {plan.id}")
        out.say(f"or a part: isinglass crawl apply {plan.id} --only {plan.changing[0]}")


def _counts(full: FullPlan) -> str:
    tables, partitions = full.plan.tables, full.plan.partitions
    return (
        f"tables +{tables.added:,} ~{tables.updated:,} -{tables.deleted:,}, "
        f"partitions +{partitions.added:,} ~{partitions.updated:,} -{partitions.deleted:,}"
    )


def _counted(report: Report) -> tuple[int, int]:
    found: list[Difference] = [each for table in report.tables for each in table.differences]
    breaking = sum(each.breaking for each in found)
    return breaking, len(found) - breaking


def _show_readers(out: Output, readers: Sequence[Reader]) -> None:
    if readers:
        out.say("read by:")
        out.grid(
            ["table", "", "name", "how it is known"], [(r.table, r.kind, r.name, r.how) for r in readers], indent=2
        )


def _show_table(out: Output, table: TableReport, indent: int, with_evidence: bool) -> None:
    margin = " " * indent
    if table.action is Action.UNCHANGED and not table.notes:
        out.say(f"{margin}{table.name} unchanged" + (f": {_some(table.files, 'file')}" if table.files else ""))
        return
    keys = ", ".join(key.name for key in table.partition_keys)
    about = "" if table.records == table.records_sampled else "about "
    size = f", {_some(table.files, 'file')}, {about}{_some(table.records, 'row')}" if table.files else ""
    parts = f", {_some(table.partitions, 'partition') if table.partitions else 'partitioned'} by {keys}" if keys else ""
    heading = Text(f"{margin}{table.name} ")
    heading.append(str(table.action), _STYLES.get(table.action, ""))
    heading.append(f": {table.format}{size}{parts}")
    out.console.print(heading)
    out.say(f"{margin}  {table.why}")
    if table.columns:
        shown = ", ".join(f"{column.name} {column.type}" for column in (*table.columns, *table.partition_keys))
        out.say(f"{margin}  columns: {shown if len(shown) < 400 else shown[:400] + ' …'}")
    for note in table.notes:
        out.say(f"{margin}  note: {note}")
    if with_evidence:
        for each in table.evidence:
            _show_evidence(out, each, f"{margin}  ")
    if table.differences:
        show_differences(out, table.differences, indent + 2)


def _some(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _show_evidence(out: Output, evidence: ColumnEvidence, margin: str) -> None:
    """Only of a column about which there were several opinions: the rest are what all files say."""
    if len(evidence.by_files) < 2 and len(evidence.by_values) < 2:
        return
    out.say(f"{margin}{evidence.name} is {evidence.type}:")
    for what, votes in (("files", evidence.by_files), ("values", evidence.by_values)):
        if len(votes) > 1:
            out.say(f"{margin}  {what}: {', '.join(map(_vote, votes))}")


def _vote(vote: Vote) -> str:
    row = f" row {vote.row}, {vote.value!r}" if vote.row is not None else ""
    return f"{vote.type} {vote.count:,} (such as {vote.place}{row})"


def _show_notes(out: Output, word: str, notes: Notes, margin: str) -> None:
    if not notes.total:
        return
    out.say(f"{margin}{notes.total:,} {word}:")
    for note in notes.shown[:SHOWN_NOTES]:
        out.say(f"{margin}  {note.place}: {note.reason}")
    if notes.total > SHOWN_NOTES:
        out.say(f"{margin}  … and {notes.total - SHOWN_NOTES:,} more; --output json shows them")
