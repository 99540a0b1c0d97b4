"""Who asks, what is asked for, and of what: the values that `decision.decide` compares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a principal may do; each may do all that those before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    EDITOR = "editor"
    ADMIN = "admin"


class Action(StrEnum):
    """What is done, in the order of the roles that may do it."""

    VIEW = "view"
    RUN = "run"
    EDIT = "edit"
    ADMINISTER = "administer"


ROLES, ACTIONS = tuple(Role), tuple(Action)


@dataclass(frozen=True)
class Grant:
    """A role, and where it holds: everywhere without scopes; else in databases whose name is like one of the patterns
    (`sales`, `sales_*`), and for jobs that have one of the tags."""

    role: Role
    databases: tuple[str, ...] = ()
    job_tags: tuple[tuple[str, str], ...] = ()

    @property
    def scoped(self) -> bool:
        return bool(self.databases or self.job_tags)


@dataclass(frozen=True)
class Principal:
    """Who asks. `proof` is what it is looked up by again: a token's hash, or the id of an access key."""

    name: str
    grant: Grant
    expires_at: datetime | None = None
    proof: str | None = field(default=None, repr=False)

    @property
    def scoped(self) -> bool:
        return self.grant.scoped


# Whoever asks while auth is off, and whoever uses the command line: the machine's owner.
LOCAL = Principal("local", Grant(Role.ADMIN))
# Who the Spark sessions of this machine's user are, those of job runs among them: they may do what their code can
# anyway, as the user whose files the catalog and its keys are.
RUNS = Principal("runs", Grant(Role.EDITOR))


@dataclass(frozen=True)
class Resource:
    """What is asked for: a database with all in it, a job with its runs, or another thing, which no scope holds.

    `tags` are a job's as they are now; of one that is not there, none.
    """

    kind: str
    name: str
    tags: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" if self.name else self.kind


WHOLE = Resource("service", "")


def in_database(name: str) -> Resource:
    return Resource("database", name.lower())  # as the catalog spells it


def of_job(name: str, tags: Mapping[str, str]) -> Resource:
    return Resource("job", name, tags)
