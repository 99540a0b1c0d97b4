"""The front door to security configurations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine as SqlEngine

from catalog.db import reading, writing
from catalog.model import Page
from catalog.paging import DEFAULT_PAGE
from engine.jobs import security
from engine.model import SecurityConfiguration


class SecurityDoors:
    engine: SqlEngine
    now: Callable[[], datetime]

    def create_security_configuration(self, configuration: SecurityConfiguration) -> SecurityConfiguration:
        with writing(self.engine) as connection:
            return security.create_configuration(connection, configuration, self.now())

    def get_security_configuration(self, name: str) -> SecurityConfiguration:
        with reading(self.engine) as connection:
            return security.get_configuration(connection, name)

    def list_security_configurations(
        self, limit: int = DEFAULT_PAGE, token: str | None = None
    ) -> Page[SecurityConfiguration]:
        with reading(self.engine) as connection:
            return security.list_configurations(connection, limit, token)

    def delete_security_configuration(self, name: str) -> None:
        with writing(self.engine) as connection:
            security.delete_configuration(connection, name)
