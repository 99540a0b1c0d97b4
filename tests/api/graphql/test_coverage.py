"""README's table of what GraphQL does with each noun, made from the schema by its own conventions."""

from __future__ import annotations

import re
from pathlib import Path

from graphql import GraphQLObjectType, build_schema, get_named_type

from api.graphql.schema import FINDERS, PRINTED

README = Path(__file__).parents[3] / "README.md"
BUILT = build_schema(PRINTED.read_text())
TYPES = [kind for kind in BUILT.type_map.values() if isinstance(kind, GraphQLObjectType) and kind.name[0] != "_"]
MUTATIONS = list(BUILT.mutation_type.fields) if BUILT.mutation_type else []
QUERIES = BUILT.query_type.fields if BUILT.query_type else {}

VERBS = {
    "create": ("create", "batchCreate", "start", "run"),
    "update": ("update", "batchUpdate", "stop", "cancel", "resume", "reset", "apply", "restore", "put", "set"),
    "delete": ("delete", "batchDelete"),
}
# What a mutation calls a noun, or a part of it that has no mutation of its own.
ALSO = {"Bookmark": "JobBookmark|JobBookmarkToNow", "WorkflowRun": "WorkflowRun|WorkflowRunProperties"}
BY_DRY_RUN = {"CrawlPlan": "startCrawl"}
HISTORY = ("versions", "history", "fires", "runs", "crawls", "attempts", "report")
HEADINGS = ("noun", "read", "list", "create or start", "update or stop", "delete", "history")


def changing(noun: str, verb: str) -> str:
    pattern = re.compile(f"({'|'.join(VERBS[verb])})({ALSO.get(noun, noun)})")
    if verb == "create" and noun in BY_DRY_RUN:
        return f"`{BY_DRY_RUN[noun]}` as a dry run"
    return ", ".join(f"`{name}`" for name in MUTATIONS if pattern.fullmatch(name))


def reading(noun: str) -> str:
    kind = BUILT.type_map[noun]
    assert isinstance(kind, GraphQLObjectType)
    types = {noun} | {interface.name for interface in kind.interfaces if interface.name != "Node"}
    found = [name for name, field in QUERIES.items() if get_named_type(field.type).name in types]
    return ", ".join(f"`{name}`" for name in found)


def listing(noun: str) -> str:
    at = [(kind.name, name) for kind in TYPES for name, field in kind.fields.items() if _lists(field.type, noun)]
    return ", ".join(f"`{name}`" if kind == "Query" else f"`{kind}.{name}`" for kind, name in at)


def _lists(kind: object, noun: str) -> bool:
    return str(kind).strip("!") == f"{noun}Connection"


def history(noun: str) -> str:
    kind = BUILT.type_map[noun]
    assert isinstance(kind, GraphQLObjectType)
    return ", ".join(f"`{name}`" for name in HISTORY if name in kind.fields)


def table() -> str:
    rows = [HEADINGS, ("---",) * len(HEADINGS)]
    for noun in sorted(FINDERS):
        rows.append(
            (noun, reading(noun), listing(noun), *(changing(noun, verb) for verb in VERBS), history(noun)),
        )
    return "".join(f"| {' | '.join(cell or '–' for cell in row)} |\n" for row in rows)


def test_readme_tells_what_graphql_does_with_each_noun() -> None:
    assert table() in README.read_text(), f"README's table is to be:\n\n{table()}"
