"""The engine's verbs of triggers and of what fires them, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Engine as SqlEngine

from catalog.db import reading, writing
from catalog.errors import StoreUnavailable
from catalog.model import Page
from catalog.paging import DEFAULT_PAGE
from engine.flows import fires, firing, timed, trigger_fires, triggers
from engine.flows.timed import Stamp, Timed
from engine.flows.trigger_fires import Window
from engine.flows.trigger_model import Trigger, TriggerFire, TriggerType
from engine.model import CRAWLER, TRIGGER, Fire, RunKind

ROUNDS = 20

log = structlog.get_logger()


@dataclass(frozen=True)
class Look:
    """What a scheduler sees: all that may fire by time and what of it is new, runs that have ended, waiting events."""

    stamps: set[Stamp]
    new: dict[Stamp, Timed]
    ended: list[str]
    windows: list[Window]


class TriggerDoors:
    engine: SqlEngine
    now: Callable[[], datetime]

    # definitions

    def create_trigger(self, trigger: Trigger, start: bool = False, tags: Mapping[str, str] | None = None) -> Trigger:
        """With `start`, it is followed from now on. Raises AlreadyExists, InvalidInput; NotFound for its workflow."""
        with writing(self.engine) as connection:
            return triggers.create_trigger(connection, trigger, start, self.now(), tags)

    def get_trigger(self, name: str) -> Trigger:
        with reading(self.engine) as connection:
            return triggers.get_trigger(connection, name)

    def list_triggers(
        self,
        limit: int = DEFAULT_PAGE,
        token: str | None = None,
        dependent: tuple[RunKind, str] | None = None,
        workflow: str | None = None,
    ) -> Page[Trigger]:
        """By name; of those that start the job or crawler `dependent`, and of one workflow, if these are given."""
        with reading(self.engine) as connection:
            return triggers.list_triggers(connection, limit, token, dependent, workflow)

    def update_trigger(self, trigger: Trigger, expected_version: int | None = None) -> Trigger:
        """Type, workflow and state stay. Raises NotFound, VersionConflict, InvalidInput."""
        with writing(self.engine) as connection:
            return triggers.update_trigger(connection, trigger, expected_version, self.now())

    def start_trigger(self, name: str, properties: Mapping[str, str] | None = None) -> Trigger | TriggerFire:
        """Follow a trigger from now on; fire at once one that is on demand, which in a workflow begins a run of it.

        Raises NotFound, WorkflowRunsExceeded.
        """
        with writing(self.engine) as connection:
            trigger = triggers.hold(connection, name)
            if trigger.type is not TriggerType.ON_DEMAND:
                return triggers.activate(connection, trigger, self.now())
            fire = trigger_fires.call(connection, trigger, self.now(), properties)
        self.settle_ends()
        return fire

    def stop_trigger(self, name: str) -> Trigger:
        """Follow it no longer. Raises NotFound; InvalidInput for one on demand."""
        with writing(self.engine) as connection:
            return triggers.deactivate(connection, name, self.now())

    def delete_trigger(self, name: str) -> None:
        with writing(self.engine) as connection:
            triggers.delete_trigger(connection, name)

    def next_trigger_fires(self, trigger: Trigger, count: int) -> tuple[datetime, ...]:
        """The next instants, in UTC, at which a stored trigger is due; none if it is not followed."""
        return timed.next_dues(timed.of_trigger(trigger), self.now(), count)

    def list_fires(self, trigger: str, limit: int = DEFAULT_PAGE, token: str | None = None) -> Page[TriggerFire]:
        """Newest first."""
        with reading(self.engine) as connection:
            return firing.list_fires(connection, trigger, limit, token)

    def post_events(self, trigger: str, event_ids: Sequence[str]) -> list[TriggerFire]:
        """Tell a trigger of events by their ids; the fires that this makes. Raises NotFound, InvalidInput."""
        with writing(self.engine) as connection:
            fired = trigger_fires.post_events(connection, trigger, event_ids, self.now())
        self.settle_ends()
        return fired

    # what a scheduler does

    def look(self, known: Collection[Stamp]) -> Look:
        with reading(self.engine) as connection:
            stamps, new = timed.changed_timed(connection, known)
            return Look(stamps, new, trigger_fires.list_ended(connection), trigger_fires.list_windows(connection))

    def fire_timed(self, due: Timed, at: datetime) -> Fire | None:
        """Fire what was due `at`, or skip a crawler that still runs; None if that is settled or no longer so."""
        if due.kind == TRIGGER:
            with reading(self.engine) as connection:  # of several schedulers each asks, and one has to write
                if trigger_fires.is_settled(connection, due, at):
                    return None
        with writing(self.engine) as connection:
            if due.kind == CRAWLER:
                return fires.fire_crawler(connection, due, at, self.now())
            fired = trigger_fires.fire_due(connection, due, at, self.now())
        if fired is None:
            return None
        self.settle_ends()
        return Fire(TRIGGER, due.name, at, fired.workflow_run_id or next(iter(fired.run_ids), None))

    def fire_window(self, trigger: str) -> list[TriggerFire]:
        """Fire a trigger whose first event has waited long enough; nothing if that is settled."""
        with writing(self.engine) as connection:
            fired = trigger_fires.fire_window(connection, trigger, self.now())
        self.settle_ends()
        return fired

    def settle_end(self, run_id: str) -> list[TriggerFire]:
        """Ask the triggers about the end of a run; a workflow run that it belongs to goes on, or ends."""
        with writing(self.engine) as connection:
            return trigger_fires.settle_end(connection, run_id, self.now())

    def settle_ends(self) -> None:
        """As `settle_end`, of all ends that triggers were not asked about; what fails here, the scheduler repeats.

        It does not go on without an end: triggers can start, in turn, what ends at once.
        """
        asked: set[str] = set()
        try:
            for _ in range(ROUNDS):
                ended = [each for each in self._list_ended() if each not in asked]
                for run_id in ended:
                    self.settle_apart(run_id)
                asked.update(ended)
                if not ended:
                    return
        except StoreUnavailable as error:
            log.warning("triggers are asked about ended runs later", why=str(error))

    def settle_apart(self, run_id: str) -> None:
        """As `settle_end`; a fault in it is logged, and holds up nothing else. Raises StoreUnavailable."""
        try:
            self.settle_end(run_id)
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("a fault of Isinglass in asking triggers about an ended run", run=run_id)

    def _list_ended(self) -> list[str]:
        with reading(self.engine) as connection:
            return trigger_fires.list_ended(connection)
