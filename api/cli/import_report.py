"""What an import did, counted: for people a table and the failures, for programs all of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from api.cli.output import Output
from api.moving.importing import ACTIONS, FAILED, SKIPPED, Outcome
from api.moving.records import KINDS


@dataclass
class Report:
    """`things` are kept for a dry run alone: a line for each thing, and one for the partitions of a table."""

    dry_run: bool
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[Outcome] = field(default_factory=list)
    skipped: list[Outcome] = field(default_factory=list)
    things: dict[tuple[str, str, str, str | None], int] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> None:
        self.counts[outcome.kind, outcome.action] += outcome.count
        if outcome.action == FAILED:
            self.failures.append(outcome)
        elif outcome.action == SKIPPED and not self.dry_run:
            self.skipped.append(outcome)
        if self.dry_run:
            key = (outcome.kind, outcome.name, outcome.action, outcome.why)
            self.things[key] = self.things.get(key, 0) + outcome.count

    def show(self, out: Output) -> None:
        if not out.text:
            out.json(self._plain())
            return
        if self.dry_run:
            cells = [(action, kind, name, count, why or "") for (kind, name, action, why), count in self.things.items()]
            out.grid(["would be", "kind", "name", "count", "why"], cells)
            out.say("")
        out.grid(["", *ACTIONS], [(kind, *(self.counts[kind, action] for action in ACTIONS)) for kind in KINDS])
        for outcome in (*self.skipped, *(() if self.dry_run else self.failures)):
            out.errors.print(f"{outcome.action}: {outcome.kind} {outcome.name}: {outcome.why}", markup=False)

    def _plain(self) -> dict[str, object]:
        counts = {kind: {action: self.counts[kind, action] for action in ACTIONS} for kind in KINDS}
        found = {"dry_run": self.dry_run, "counts": counts, "failures": self.failures}
        if not self.dry_run:
            return {**found, "skipped": self.skipped}
        things = [Outcome(kind, name, action, count, why) for (kind, name, action, why), count in self.things.items()]
        return {**found, "things": things}
