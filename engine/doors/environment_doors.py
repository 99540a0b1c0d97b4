"""The front door to execution environments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine as SqlEngine

from catalog.db import reading, writing
from catalog.model import Page
from catalog.paging import DEFAULT_PAGE
from engine.jobs import environments
from engine.model import Environment


class EnvironmentDoors:
    """The verbs of execution environments; `Engine` is where they are asked."""

    engine: SqlEngine
    now: Callable[[], datetime]

    def create_environment(self, environment: Environment) -> Environment:
        """Raises AlreadyExists, InvalidInput."""
        with writing(self.engine) as connection:
            return environments.create_environment(connection, environment, self.now())

    def get_environment(self, name: str) -> Environment:
        with reading(self.engine) as connection:
            return environments.get_environment(connection, name)

    def list_environments(self, limit: int = DEFAULT_PAGE, token: str | None = None) -> Page[Environment]:
        with reading(self.engine) as connection:
            return environments.list_environments(connection, limit, token)

    def update_environment(self, environment: Environment, expected_version: int | None = None) -> Environment:
        with writing(self.engine) as connection:
            return environments.update_environment(connection, environment, self.now(), expected_version)

    def delete_environment(self, name: str) -> None:
        """Jobs that name it are refused from then on; runs that were put in keep it."""
        with writing(self.engine) as connection:
            environments.delete_environment(connection, name)
