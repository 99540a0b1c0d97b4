"""Failures: their texts and facts."""

from __future__ import annotations

from string import Formatter

import pytest

from catalog import errors
from catalog.errors import DomainError, VersionConflict

FAILURES = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DomainError)]


@pytest.mark.parametrize("kind", FAILURES, ids=lambda kind: kind.__name__)
def test_a_failure_fills_its_facts_into_its_message_even_if_they_hold_braces(kind: type[DomainError]) -> None:
    if kind is DomainError:
        return
    names = [name for _, name, _, _ in Formatter().parse(kind.__doc__ or "") if name]
    failure = kind(**dict.fromkeys(names, "{odd}"))
    assert str(failure).count("{odd}") == len(names)


def test_a_failure_tells_its_facts_by_name() -> None:
    failure = VersionConflict(kind="Table", name="a.b", expected=1, actual=2)
    assert (failure.expected, failure.actual) == (1, 2)
    with pytest.raises(AttributeError):
        _ = failure.ghost
