"""The floor: the same page answered by a bare strawberry schema out of memory, with no catalog behind it."""

from __future__ import annotations

import strawberry

from benchmarks.graphql_lake import glue_table


@strawberry.type
class Column:
    name: str
    type: str
    comment: str | None


@strawberry.type
class Table:
    name: str
    columns: list[Column]


@strawberry.type
class Edge:
    cursor: str
    node: Table


@strawberry.type
class Page:
    edges: list[Edge]


def _table(number: int) -> Table:
    given = glue_table(number)
    columns = [
        Column(name=c["Name"], type=c["Type"], comment=c["Comment"]) for c in given["StorageDescriptor"]["Columns"]
    ]
    return Table(name=given["Name"], columns=columns)


_PAGE = Page(edges=[Edge(cursor=str(number), node=_table(number)) for number in range(50)])


@strawberry.type
class Query:
    @strawberry.field
    def tables(self) -> Page:
        return _PAGE

    @strawberry.field
    def table(self) -> Table:
        return _PAGE.edges[0].node


floor = strawberry.Schema(Query)
