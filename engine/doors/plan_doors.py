"""The front door to crawl plans that are kept."""

from __future__ import annotations

from sqlalchemy import Engine as SqlEngine

from catalog.db import reading, writing
from catalog.model import Page
from catalog.paging import DEFAULT_PAGE
from crawlers import plans
from crawlers.plans import Plan


class PlanDoors:
    """The verbs of plans; `Engine` is where they are asked."""

    engine: SqlEngine

    def list_plans(self, crawler: str | None = None, limit: int = DEFAULT_PAGE, token: str | None = None) -> Page[Plan]:
        with reading(self.engine) as connection:
            return plans.list_plans(connection, crawler, limit, token)

    def get_plan(self, plan_id: str) -> Plan:
        with reading(self.engine) as connection:
            return plans.get_plan(connection, plan_id)

    def delete_plan(self, plan_id: str) -> None:
        with writing(self.engine) as connection:
            plans.delete_plan(connection, plan_id)
