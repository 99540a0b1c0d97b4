"""Every failure of the domain has its place in the one table, and every message tells what it is to tell."""

from __future__ import annotations

import string
from collections.abc import Iterator
from importlib import import_module
from inspect import cleandoc
from pkgutil import walk_packages

import pytest

import api
import catalog
import crawlers
import engine
from api.errors import TABLE, Code
from api.hive.bindings import Failure, hive
from catalog.errors import DomainError

for package in (catalog, crawlers, engine, api):
    for found in walk_packages(package.__path__, f"{package.__name__}."):
        if "migrations" not in found.name and ".shim" not in found.name:
            import_module(found.name)


def kinds(of: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


ALL: list[type[DomainError]] = sorted(set(kinds()), key=lambda kind: kind.__name__)
# What only the command line raises, before there is anything to ask, is told by no other face.
DOMAIN = [kind for kind in ALL if kind.__module__.split(".")[0] != "api" or kind.__module__ == "api.auth.errors"]


@pytest.mark.parametrize("kind", DOMAIN, ids=lambda kind: kind.__name__)
def test_each_failure_is_told_by_every_face(kind: type[DomainError]) -> None:
    known = TABLE[kind]
    assert known.code in Code
    assert 400 <= known.status < 600
    assert known.glue.endswith("Exception")


def test_the_table_tells_of_nothing_that_is_not_raised() -> None:
    assert set(TABLE) == set(DOMAIN)
    assert {told.code for told in TABLE.values()} == set(Code)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_each_message_is_one_sentence_made_of_its_facts(kind: type[DomainError]) -> None:
    text = cleandoc(kind.__doc__ or "")
    names = [name for _, name, _, _ in string.Formatter().parse(text) if name]
    message = str(kind(**{name: f"<{name}>" for name in names}))
    assert message
    assert "\n" not in message
    assert all(f"<{name}>" in message for name in names)


@pytest.mark.parametrize("name", sorted({name for told in TABLE.values() for name in told.hive}))
def test_the_hive_exceptions_are_of_hive(name: str) -> None:
    assert issubclass(getattr(hive, name), Failure)
