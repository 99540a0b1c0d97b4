"""The front door to what is read of many jobs, crawlers or workflows at once, in as many statements as of one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine as SqlEngine

from catalog.db import reading
from catalog.model import Page
from crawlers import plans
from crawlers.plan_bodies import PlanBody
from crawlers.plans import Plan
from engine.crawling.readers import Reader, list_readers, tables_named
from engine.flows import firing, workflow_runs
from engine.flows.trigger_model import TriggerFire
from engine.flows.workflow_model import WorkflowRun
from engine.ledger import runs
from engine.ledger.run_filters import RunFilter
from engine.model import Bookmark, Run, RunKind
from engine.reads import bookmarks


class BatchDoors:
    engine: SqlEngine

    def batch_list_runs(
        self, kind: RunKind, subjects: Sequence[str], limit: int, token: str | None, filters: Sequence[RunFilter] = ()
    ) -> dict[str, Page[Run]]:
        with reading(self.engine) as connection:
            return runs.batch_list_runs(connection, kind, subjects, limit, token, filters)

    def batch_list_plans(self, crawlers: Sequence[str], limit: int, token: str | None) -> dict[str, Page[Plan]]:
        with reading(self.engine) as connection:
            return plans.batch_list_plans(connection, crawlers, limit, token)

    def batch_get_plan_bodies(self, plan_ids: Sequence[str]) -> dict[str, PlanBody]:
        with reading(self.engine) as connection:
            return plans.batch_get_bodies(connection, plan_ids)

    def batch_list_plan_readers(self, of: Sequence[Plan]) -> dict[str, list[Reader]]:
        """Who reads the tables that each plan would change."""
        changing = {name: None for plan in of for name in plan.changing}
        with reading(self.engine) as connection:
            found = list_readers(connection, tables_named(tuple(changing)))
        return {plan.id: [reader for reader in found if reader.table in plan.changing] for plan in of}

    def batch_list_fires(self, triggers: Sequence[str], limit: int, token: str | None) -> dict[str, Page[TriggerFire]]:
        with reading(self.engine) as connection:
            return firing.batch_list_fires(connection, triggers, limit, token)

    def batch_list_workflow_runs(
        self, workflows: Sequence[str], limit: int, token: str | None
    ) -> dict[str, Page[WorkflowRun]]:
        with reading(self.engine) as connection:
            return workflow_runs.batch_list_workflow_runs(connection, workflows, limit, token)

    def batch_list_bookmark_history(self, jobs: Sequence[str], limit: int) -> dict[str, list[Bookmark]]:
        with reading(self.engine) as connection:
            return bookmarks.batch_list_history(connection, jobs, limit)
