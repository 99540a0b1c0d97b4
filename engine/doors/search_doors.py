"""The front door to the search of everything: what the catalog, the crawlers and this package keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from sqlalchemy import Connection, Engine

from catalog.model import Page
from catalog.paging import DEFAULT_PAGE
from catalog.search import sources as search_sources
from catalog.search.documents import Document, Source, Text, described
from catalog.search.search import EVERYTHING, Hit, Narrowing, search, take_in
from crawlers.classifiers import batch_get_classifiers
from crawlers.definitions import batch_get_crawlers
from crawlers.model import AnyTarget
from engine.flows.triggers import batch_get_triggers
from engine.flows.workflows import batch_get_workflows
from engine.jobs.jobs import batch_get_jobs


class Kind(StrEnum):
    """What can be searched for."""

    DATABASE = "DATABASE"
    TABLE = "TABLE"
    FUNCTION = "FUNCTION"
    CONNECTION = "CONNECTION"
    CLASSIFIER = "CLASSIFIER"
    CRAWLER = "CRAWLER"
    JOB = "JOB"
    TRIGGER = "TRIGGER"
    WORKFLOW = "WORKFLOW"


class SearchDoors:
    """The verb of search; `Engine` is where it is asked."""

    engine: Engine

    def search(
        self, text: str, narrowing: Narrowing = EVERYTHING, limit: int = DEFAULT_PAGE, token: str | None = None
    ) -> Page[Hit]:
        """What `text` is found in, the best first. Raises InvalidInput, InvalidPageToken."""
        return search(self.engine, SOURCES, text, narrowing, limit, token)

    def take_in_for_search(self) -> None:
        """What has changed since someone searched, so that notes of it do not pile up while nobody does."""
        take_in(self.engine, SOURCES)


# Of each thing by its name: itself and its texts.
_Read = Mapping[str, tuple[object, tuple[Text, ...]]]


def _by_name(kind: Kind, read: Callable[[Connection, Sequence[str]], _Read]) -> Source:
    """Things that are found by their names and lie in no database."""

    def documents(connection: Connection, names: Sequence[str]) -> Mapping[str, Document]:
        return {name: Document(thing, name, texts) for name, (thing, texts) in read(connection, names).items()}

    return Source(kind, documents)


def _classifiers(connection: Connection, names: Sequence[str]) -> _Read:
    return {each.name: (each, described(each.name)) for each in batch_get_classifiers(connection, names)}


def _crawlers(connection: Connection, names: Sequence[str]) -> _Read:
    return {
        each.name: (
            each,
            described(each.name, each.description, None, map(_place, each.all_targets), each.database),
        )
        for each in batch_get_crawlers(connection, names)
    }


def _place(target: AnyTarget) -> str | None:
    """Where the target leads, whatever its kind calls that."""
    named = (getattr(target, name, None) for name in ("place", "path", "table", "database"))
    return next((each for each in named if each), None)


def _jobs(connection: Connection, names: Sequence[str]) -> _Read:
    """Arguments are not searched: they are where people put secrets."""
    return {
        each.name: (each, described(each.name, each.description, each.tags, [each.script]))
        for each in batch_get_jobs(connection, names)
    }


def _triggers(connection: Connection, names: Sequence[str]) -> _Read:
    return {each.name: (each, described(each.name, each.description)) for each in batch_get_triggers(connection, names)}


def _workflows(connection: Connection, names: Sequence[str]) -> _Read:
    return {
        each.name: (each, described(each.name, each.description)) for each in batch_get_workflows(connection, names)
    }


SOURCES = (
    *search_sources.SOURCES,
    _by_name(Kind.CLASSIFIER, _classifiers),
    _by_name(Kind.CRAWLER, _crawlers),
    _by_name(Kind.JOB, _jobs),
    _by_name(Kind.TRIGGER, _triggers),
    _by_name(Kind.WORKFLOW, _workflows),
)
