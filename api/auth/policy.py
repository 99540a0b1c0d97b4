"""A resource policy as a value: read from its JSON, and asked whom it denies or allows what. Pure.

It is AWS's policy language as far as it is enforced here; whatever else a document says is refused by name. The catalog
is one for all regions, and so the region of a resource's ARN decides nothing: whoever is denied a table in one region
would else sign for another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from catalog.errors import InvalidInput

CATALOG = "catalog"
PATHS = (CATALOG, "database/*", "table/*/*", "userDefinedFunction/*/*", "connection/*")
# What may be done to the catalog and what is in it, by the names that AWS gives it.
_OF_POLICIES = ("PutResourcePolicy", "GetResourcePolicy", "DeleteResourcePolicy", "GetResourcePolicies")
ACTIONS = frozenset(
    [
        *_OF_POLICIES,
        *("CreateDatabase", "GetDatabase", "GetDatabases", "UpdateDatabase", "DeleteDatabase"),
        *("CreateTable", "GetTable", "GetTables", "UpdateTable", "DeleteTable", "BatchDeleteTable", "SearchTables"),
        *("GetTableVersion", "GetTableVersions", "DeleteTableVersion", "BatchDeleteTableVersion"),
        *("CreatePartition", "BatchCreatePartition", "GetPartition", "GetPartitions", "BatchGetPartition"),
        *("UpdatePartition", "BatchUpdatePartition", "DeletePartition", "BatchDeletePartition"),
        *("CreatePartitionIndex", "GetPartitionIndexes", "DeletePartitionIndex"),
        *(
            f"{verb}ColumnStatisticsFor{what}"
            for verb in ("Get", "Update", "Delete")
            for what in ("Table", "Partition")
        ),
        *("CreateUserDefinedFunction", "GetUserDefinedFunction", "GetUserDefinedFunctions"),
        *("UpdateUserDefinedFunction", "DeleteUserDefinedFunction"),
        *("CreateConnection", "GetConnection", "GetConnections", "UpdateConnection", "TestConnection"),
        *("DeleteConnection", "BatchDeleteConnection", "GetCatalogImportStatus", "GetMapping"),
    ]
)
# What an admin may do whatever the policy says, as the root of AWS's account may: nobody is locked out for good.
ALWAYS_AN_ADMINS = frozenset(_OF_POLICIES)
_MOST_MATCHING = 1_000  # callers and actions whose patterns are kept compiled
MOST_BYTES = 10 * 1024  # as AWS has it
_VERSIONS = ("2008-10-17", "2012-10-17")
_ARN = re.compile(r"arn:(?P<partition>[^:]+):glue:(?P<region>[^:]*):(?P<account>[^:]*):(?P<path>.+)", re.DOTALL)
_USER = re.compile(r"arn:[^:]+:iam::(?P<account>[^:]*):(?P<path>root|user/.+)", re.DOTALL)

Matches = Callable[[str], object]


@dataclass(frozen=True)
class Statement:
    """`users` are names of callers, None for all; `actions` those of ACTIONS that it is about; `patterns` of paths."""

    allows: bool
    users: frozenset[str] | None
    actions: frozenset[str]
    patterns: tuple[str, ...]

    def concerns(self, user: str, actions: Collection[str]) -> bool:
        return (self.users is None or user in self.users) and not self.actions.isdisjoint(actions)

    def touches(self, tree: str) -> bool:
        """Whether it holds anything that `tree`, which ends in a star, does."""
        return any(_overlap(pattern.lower(), tree.lower()) for pattern in self.patterns)


@dataclass(frozen=True)
class Policy:
    statements: tuple[Statement, ...]
    _matching: dict[object, Matches | None] = field(default_factory=dict, compare=False, repr=False)

    def denied(self, user: str, actions: Sequence[str], paths: Iterable[str], trees: Iterable[str] = ()) -> str | None:
        """The first of `paths` that a statement denies `user` to do one of the actions to; None if it denies none.

        Paths are such as `table/sales/orders`; one that ends in a star is denied as a whole. Of `trees` the least part
        that is denied denies all.
        """
        holds = self._holding(False, user, actions)
        if holds is None:
            return None
        for path in paths:
            if holds(path):
                return path
        concerning = [each for each in self.statements if not each.allows and each.concerns(user, actions)]
        return next((tree for tree in trees if any(each.touches(tree) for each in concerning)), None)

    def allows(self, user: str, action: str, paths: Iterable[str]) -> bool:
        """Whether statements allow `user` the action on each of `paths`, of which a star must be allowed as a whole."""
        holds = self._holding(True, user, (action,))
        return holds is not None and all(map(holds, paths))

    def _holding(self, allows: bool, user: str, actions: Sequence[str]) -> Matches | None:
        """Whether the statements that allow, or deny, it hold a path: made once for each caller and action."""
        key = allows, user, *actions
        if key not in self._matching:
            if len(self._matching) >= _MOST_MATCHING:
                self._matching.clear()
            concerning = [each for each in self.statements if each.allows is allows and each.concerns(user, actions)]
            self._matching[key] = _matching([pattern for each in concerning for pattern in each.patterns])
        return self._matching.get(key)


def read_policy(text: str, account: str) -> tuple[Policy, frozenset[str]]:
    """The policy, and the names of all users that it speaks of.

    Raises InvalidInput for what is no policy, and for what of it would not be enforced.
    """
    if len(text.encode()) > MOST_BYTES:
        raise _unfit("PolicyInJson", f"it has more than {MOST_BYTES:,} bytes.")
    try:
        document = json.loads(text, object_pairs_hook=_without_twins)
    except (ValueError, RecursionError) as error:
        raise _unfit("PolicyInJson", f"it is no JSON: {error}") from error
    document = _object("the policy", document, ("Version", "Id", "Statement"), ("Statement",))
    if document.get("Version", _VERSIONS[0]) not in _VERSIONS:
        raise _unfit("Version", f"it must be {' or '.join(_VERSIONS)}.")
    given = document["Statement"]
    statements = given if isinstance(given, list) else [given]
    if not statements:
        raise _unfit("Statement", "there is none.")
    read = tuple(_statement(f"Statement {number}", each, account) for number, each in enumerate(statements, 1))
    return Policy(read), frozenset(name for each in read for name in each.users or ())


def _statement(where: str, given: object, account: str) -> Statement:
    known = ("Sid", "Effect", "Principal", "Action", "Resource")
    said = _object(where, given, known, known[1:])
    if said["Effect"] not in ("Allow", "Deny"):
        raise _unfit(f"{where}: Effect", "it must be Allow or Deny.")
    patterns = tuple(_resource(where, each, account) for each in _texts(f"{where}: Resource", said["Resource"]))
    return Statement(
        allows=said["Effect"] == "Allow",
        users=_users(where, said["Principal"], account),
        actions=frozenset().union(*(_actions(where, each) for each in _texts(f"{where}: Action", said["Action"]))),
        patterns=patterns,
    )


def _users(where: str, given: object, account: str) -> frozenset[str] | None:
    if isinstance(given, dict):
        given = _object(f"{where}: Principal", given, ("AWS",), ("AWS",))["AWS"]
    elif given != "*":
        raise _unfit(f"{where}: Principal", 'it must be "*" or {"AWS": …}.')
    names = set()
    for each in _texts(f"{where}: Principal", given):
        if each in ("*", account):
            return None
        found = _USER.fullmatch(each)
        if found is None:
            raise _unfit(
                f"{where}: Principal {each}",
                f"callers here are the users arn:aws:iam::{account}:user/NAME, by the names of tokens and access keys.",
            )
        if found["account"] != account:
            raise _unfit(f"{where}: Principal {each}", f"nobody of another account than {account} comes here.")
        if found["path"] == "root":
            return None
        names.add(found["path"].removeprefix("user/"))
    return frozenset(names)


def _actions(where: str, given: str) -> frozenset[str]:
    """All that the pattern, in which case does not matter, names."""
    service, _, pattern = given.partition(":")
    if given == "*":
        return ACTIONS
    found = frozenset(name for name in ACTIONS if _glob(pattern, name)) if service.lower() == "glue" else frozenset()
    if not found:
        raise _unfit(f"{where}: Action {given}", "it is nothing that is done to databases, tables or connections here.")
    return found


def _resource(where: str, given: str, account: str) -> str:
    """The pattern of the paths that an ARN names."""
    if given == "*":
        return given
    what = f"{where}: Resource {given}"
    found = _ARN.fullmatch(given)
    if found is None:
        raise _unfit(what, "it is no ARN of Glue's.")
    if "${" in given:
        raise _unfit(what, "policy variables are not filled in here.")
    if not fnmatchcase(account, found["account"].replace("[", "[[]")):
        raise _unfit(what, f"the catalog here is that of account {account}.")
    if not any(_overlap(found["path"].lower(), each.lower()) for each in PATHS):
        raise _unfit(what, f"it is like none of {', '.join(PATHS)}.")
    return found["path"]


def _object(where: str, given: object, known: Collection[str], needed: Collection[str]) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise _unfit(where, "it must be an object.")
    for name in given:
        if name not in known:
            raise _unfit(f"{where}: {name}", "it is not enforced here, and so it is not kept.")
    for name in needed:
        if name not in given:
            raise _unfit(where, f"{name} is missing.")
    return given


def _texts(where: str, given: object) -> list[str]:
    every = given if isinstance(given, list) else [given]
    texts = [each for each in every if isinstance(each, str) and each]
    if not texts or len(texts) < len(every):
        raise _unfit(where, "it must be a text or a list of them.")
    return texts


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """One of two members with one name would be forgotten."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member is given twice")
    return found


def _matching(patterns: Sequence[str]) -> Matches | None:
    """Whether a path is like one of them; None if there are none."""
    return re.compile("|".join(map(_expression, patterns)), re.DOTALL).fullmatch if patterns else None


def _expression(pattern: str) -> str:
    """The catalog's names have no case, but for connections'. A star that is asked for is held by a star alone."""
    first, *others = (
        "".join("[^*]" if sign == "?" else re.escape(sign) for sign in part) for part in pattern.split("*")
    )
    # Each part is looked for once, from left to right, so that no pattern takes long.
    between = "".join(f"(?>.*?{part})" for part in others[:-1])
    text = f"{first}{between}.*{others[-1]}" if others else first
    return f"(?:{text})" if pattern.startswith("connection/") else f"(?i:{text})"


def _glob(pattern: str, name: str) -> bool:
    return fnmatchcase(name.lower(), pattern.lower().replace("[", "[[]"))


@lru_cache(maxsize=1_000)
def _overlap(one: str, other: str) -> bool:
    """Whether some text is like both patterns."""
    reached = {(0, 0)}
    seen = set(reached)
    while reached:
        at, of = reached.pop()
        if at == len(one) and of == len(other):
            return True
        a, b = one[at : at + 1], other[of : of + 1]
        steps = set()
        if a == "*":
            steps |= {(at + 1, of)} | ({(at, of + 1)} if b else set())
        if b == "*":
            steps |= {(at, of + 1)} | ({(at + 1, of)} if a else set())
        if a and b and "*" not in (a, b) and (a == b or "?" in (a, b)):
            steps.add((at + 1, of + 1))
        reached |= steps - seen
        seen |= steps
    return False


def _unfit(what: str, why: str) -> InvalidInput:
    return InvalidInput(what=what, why=why)
