"""The front door to what stands beside crawlers and jobs: classifiers; and its further parts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine

from catalog.db import reading, writing
from catalog.model import Page
from catalog.paging import DEFAULT_PAGE
from crawlers import classifiers
from crawlers.model import AnyClassifier, StoredClassifier
from engine.doors.security_doors import SecurityDoors
from engine.doors.tag_doors import TagDoors


class SideDoors(SecurityDoors, TagDoors):
    """The verbs of classifiers; `Engine` is where they are asked."""

    engine: Engine
    now: Callable[[], datetime]

    def create_classifier(self, classifier: AnyClassifier) -> StoredClassifier:
        """Raises AlreadyExists, InvalidInput, BadPattern."""
        with writing(self.engine) as connection:
            return classifiers.create_classifier(connection, classifier, self.now())

    def get_classifier(self, name: str) -> StoredClassifier:
        with reading(self.engine) as connection:
            return classifiers.get_classifier(connection, name)

    def find_classifier(self, name: str) -> StoredClassifier | None:
        with reading(self.engine) as connection:
            return classifiers.find_classifier(connection, name)

    def list_classifiers(self, limit: int = DEFAULT_PAGE, token: str | None = None) -> Page[StoredClassifier]:
        with reading(self.engine) as connection:
            return classifiers.list_classifiers(connection, limit, token)

    def update_classifier(self, classifier: AnyClassifier, expected_version: int | None = None) -> StoredClassifier:
        """Raises NotFound, VersionConflict, InvalidInput, BadPattern."""
        with writing(self.engine) as connection:
            return classifiers.update_classifier(connection, classifier, expected_version, self.now())

    def delete_classifier(self, name: str) -> None:
        """Raises NotFound."""
        with writing(self.engine) as connection:
            classifiers.delete_classifier(connection, name)
