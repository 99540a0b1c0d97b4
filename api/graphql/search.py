"""The search of everything: hits with what they are, how good they are and why they were found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Annotated, Any

import strawberry

from api.auth.principals import WHOLE, Resource, in_database, of_job
from api.graphql.classifiers import Classifier
from api.graphql.connections import FIRST, After, Connection, First, connect, list_seen, size
from api.graphql.context import Info
from api.graphql.crawlers import Crawler
from api.graphql.databases import Database
from api.graphql.fields import field
from api.graphql.functions import UserDefinedFunction
from api.graphql.jobs import Job
from api.graphql.nodes import Node
from api.graphql.stored_connections import Connection as StoredConnection
from api.graphql.tables import Table
from api.graphql.triggers import Trigger
from api.graphql.workflows import Workflow
from catalog import model
from catalog.search import search
from catalog.search.documents import Field
from catalog.search.matches import Match, Range
from catalog.search.search import Hit, Narrowing
from engine.doors.search_doors import Kind
from engine.model import Job as EtlJob

strawberry.enum(Kind, name="SearchKind", description="What can be searched for.")


@strawberry.enum(description="Where a text stands, the most telling first.")
class SearchField(Enum):
    NAME = Field.NAME
    COLUMN = strawberry.enum_value(Field.COLUMN, description="A column's name, or that of a field within its type.")
    COMMENT = strawberry.enum_value(Field.COMMENT, description="A comment of a column, or any thing's description.")
    PARAMETER = strawberry.enum_value(Field.PARAMETER, description="A parameter or a tag, as name=value.")
    LOCATION = strawberry.enum_value(Field.LOCATION, description="A location, script or target.")
    DATABASE = strawberry.enum_value(Field.DATABASE, description="The name of the database that it belongs to.")


@strawberry.input(description="What is to be among the hits; what is left out narrows nothing.")
class SearchFilter:
    database: str | None = strawberry.field(default=None, description="Databases, tables and functions of that name.")
    fields: list[SearchField] = strawberry.field(default_factory=list, description="Found in one of these.")


@strawberry.type(description="A part of a text, in characters.")
class TextRange:
    start: int = strawberry.field(description="Counted from 0 at the fragment's begin.")
    length: int

    @classmethod
    def of(cls, found: Range) -> TextRange:
        return cls(start=found.start, length=found.length)


@strawberry.type(description="A text of the thing that holds what was searched for.")
class SearchMatch:
    field: SearchField
    name: str | None = strawberry.field(description="The column or parameter whose text it is, if it is one's.")
    fragment: str = strawberry.field(description="The text, or of a long one the part around what was found.")
    ranges: list[TextRange] = strawberry.field(description="The parts of the fragment to be highlighted, in order.")

    @classmethod
    def of(cls, found: Match) -> SearchMatch:
        return cls(
            field=SearchField(found.field),
            name=found.of,
            fragment=found.fragment,
            ranges=[TextRange.of(each) for each in found.ranges],
        )


@strawberry.type(description="A thing that a search has found.")
class SearchHit:
    kind: Kind
    score: int = strawberry.field(
        description="1 to 100: 100 its name is the text, 80 its name begins with it, 60 a word of its name, 40 of a "
        "column, 30 of a comment, 20 of a parameter, 15 of a location, 10 of its database; less for the begin of a "
        "word, and for a slip; of several words the mean."
    )
    matches: list[SearchMatch] = strawberry.field(description="Why it was found: the most telling texts, at most 5.")
    thing: Node


# Things of a kind as nodes, which are answered together.
_NODES: dict[str, Callable[[Sequence[Any]], Sequence[Node | None]]] = {
    Kind.DATABASE: Database.all,
    Kind.TABLE: Table.all,
    Kind.FUNCTION: lambda found: [UserDefinedFunction.of(each) for each in found],
    Kind.CONNECTION: lambda found: [StoredConnection.of(each) for each in found],
    Kind.CLASSIFIER: lambda found: [Classifier.of(each) for each in found],
    Kind.CRAWLER: Crawler.all,
    Kind.JOB: Job.all,
    Kind.TRIGGER: Trigger.all,
    Kind.WORKFLOW: Workflow.all,
}


def _hits(found: Sequence[Hit]) -> list[SearchHit]:
    nodes: dict[int, Any] = {}
    for kind, of in _NODES.items():
        numbers = [hit.number for hit in found if hit.kind == kind]
        things = [hit.thing for hit in found if hit.kind == kind]
        nodes |= dict(zip(numbers, of(things), strict=True))
    return [
        SearchHit(
            kind=Kind(hit.kind),
            score=hit.score,
            matches=[SearchMatch.of(each) for each in hit.matches],
            thing=nodes[hit.number],
        )
        for hit in found
    ]


def _resource_of(hit: Hit) -> Resource:
    match hit.thing:
        case model.Database(name=name):
            return in_database(name)
        case model.Table(database=database) | model.Function(database=database):
            return in_database(database)
        case EtlJob(name=name, tags=tags):
            return of_job(name, tags)
    return WHOLE


@strawberry.type
class SearchQueries:
    @field(
        "What all words of `text` are found in, the best first. A word is found by its begin, and one of four letters "
        "or more with a letter missing, too many, wrong or changed with its neighbour; names fall into words at _ . - "
        "and in camelCase."
    )
    def search(
        self,
        info: Info,
        text: Annotated[str, strawberry.argument(description="1 to 600 characters; the first 12 words count.")],
        kinds: Annotated[list[Kind] | None, strawberry.argument(description="Null or empty: all.")] = None,
        filter: SearchFilter | None = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[SearchHit] | None:
        wanted = filter or SearchFilter()
        fields = tuple(each.value for each in wanted.fields)
        narrowing = Narrowing(tuple(kinds or ()), wanted.database, fields)
        page = list_seen(
            info,
            lambda limit, token: info.context.engine.search(text, narrowing, limit, token),
            size(info, first),
            after,
            _resource_of,
        )
        return connect(info, search.LISTING, page, search.key_of, _hits, after)
