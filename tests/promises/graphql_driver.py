"""GraphQL as a face: the real endpoint, asked over HTTP; refusals become the catalog's own failures again."""

from __future__ import annotations

import ast
import asyncio
import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from inspect import cleandoc
from typing import Any

import httpx
from fastapi import FastAPI

from api.errors import TABLE
from api.graphql.endpoint import graphql_routes
from catalog import model
from catalog.catalog import Catalog
from catalog.errors import DomainError, NotFound
from catalog.model import Database, Function, Page, Partition, PartitionIndex, Table, TableVersion
from catalog.names import unescape_partition_value
from catalog.statistics import ColumnStatistics
from engine.engine import Engine
from tests.promises import graphql_values as values

# Promises that this protocol cannot keep although it has the verbs, with the reasons.
CANNOT = {
    "test_thousands_of_partitions_are_created_listed_and_deleted_at_once": "a request has a megabyte at most",
    "test_statistics_of_a_missing_column_or_without_a_length_are_refused_with_all_others": "JSON has no NaN",
}

Json = dict[str, Any]
EVERYTHING = 200


class GraphQL:
    def __init__(self, app: FastAPI) -> None:
        self.app = app

    # how it is spoken to

    def ask(self, query: str, variables: Json) -> Json:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.post("/graphql", json={"query": query, "variables": variables})

        response = asyncio.run(send())
        assert response.status_code == 200, response.text
        answer = response.json()
        if "errors" in answer:
            raise failure(answer["errors"][0]["extensions"]["code"], answer["errors"][0]["message"])
        found: Json = answer["data"]
        return found

    def query(self, field: str, wanted: str, **given: tuple[str, object]) -> Any:
        """One field of the root; each of `given` is the type and the value of an argument."""
        declared = ", ".join(f"${name}: {kind}" for name, (kind, _) in given.items())
        passed = ", ".join(f"{name}: ${name}" for name in given)
        head = f"query ({declared}) {{ {field}({passed})" if given else f"{{ {field}"
        return self.ask(f"{head} {{ {wanted} }} }}", {name: value for name, (_, value) in given.items()})[field]

    def change(self, mutation: str, wanted: str, **given: object) -> Any:
        kind = f"{mutation[0].upper()}{mutation[1:]}Input"
        document = (
            f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ {wanted} userErrors {{ code message }} }} }}"
        )
        payload = self.ask(document, {"input": given})[mutation]
        for error in payload["userErrors"]:
            raise failure(error["code"], error["message"])
        return payload

    def page(
        self, ask: Callable[[int, str | None], Any], limit: int, token: str | None
    ) -> tuple[list[Any], str | None]:
        found = ask(limit, token)
        nodes = [edge["node"] for edge in found["edges"]]
        info = found["pageInfo"]
        return nodes, info["endCursor"] if info["hasNextPage"] else None

    def all(self, ask: Callable[[int, str | None], Any]) -> list[Any]:
        nodes, token = self.page(ask, EVERYTHING, None)
        while token is not None:
            more, token = self.page(ask, EVERYTHING, token)
            nodes += more
        return nodes

    # databases

    def create_database(self, database: Database) -> None:
        self.change("createDatabase", "", name=database.name, database=values.of_database(database))

    def get_database(self, name: str) -> Database:
        found = self.query("database", values.DATABASE, name=("String!", name))
        if found is None:
            raise NotFound(kind="Database", name=name)
        return values.database(found)

    def list_databases(self) -> list[str]:
        def ask(first: int, after: str | None) -> Any:
            wanted = "edges { node { name } } pageInfo { endCursor hasNextPage }"
            return self.query("databases", wanted, first=("Int!", first), after=("String", after))

        return [each["name"] for each in self.all(ask)]

    def update_database(self, database: Database, expected_version: int | None = None) -> None:
        given = values.of_database(database)
        self.change("updateDatabase", "", name=database.name, database=given, expectedVersion=expected_version)

    def delete_database(self, name: str, cascade: bool = False) -> None:
        self.change("deleteDatabase", "", name=name, cascade=cascade)

    # tables

    def create_table(self, table: Table) -> None:
        self.change("createTable", "", database=table.database, name=table.name, table=values.of_table(table))

    def get_table(self, database: str, name: str) -> Table:
        return values.table(self.of_table(database, name, values.TABLE))

    def of_table(self, database: str, name: str, wanted: str, **more: tuple[str, object]) -> Any:
        """What is wanted of a table. Raises NotFound, for the database if that is what is missing."""
        declared = ", ".join(f"${each}: {kind}" for each, (kind, _) in more.items())
        document = f"query ($d: String!, $t: String!, {declared}) {{ table(database: $d, name: $t) {{ {wanted} }} }}"
        given = {each: value for each, (_, value) in more.items()}
        found = self.ask(document, {"d": database, "t": name, **given})["table"]
        if found is None:
            self.get_database(database)
            raise NotFound(kind="Table", name=f"{database}.{name}")
        return found

    def list_tables(self, database: str) -> list[str]:
        return [each["name"] for each in self.all(lambda first, after: self._tables(database, "name", first, after))]

    def page_tables(self, database: str, limit: int, token: str | None) -> Page[Table]:
        found, after = self.page(lambda *at: self._tables(database, values.TABLE, *at), limit, token)
        return Page(tuple(map(values.table, found)), after)

    def _tables(self, database: str, wanted: str, first: int, after: str | None) -> Any:
        edges = f"edges {{ node {{ {wanted} }} }} pageInfo {{ endCursor hasNextPage }}"
        at: dict[str, tuple[str, object]] = {"first": ("Int!", first), "after": ("String", after)}
        found = self.query("tables", edges, database=("String!", database), **at)
        if found is None:
            raise NotFound(kind="Database", name=database)
        return found

    def update_table(self, table: Table, expected_version: int | None = None) -> None:
        at = {"database": table.database, "name": table.name, "expectedVersion": expected_version}
        self.change("updateTable", "", **at, table=values.of_table(table))

    def delete_table(self, database: str, name: str) -> None:
        self.change("deleteTable", "", database=database, name=name)

    # versions

    def get_version(self, database: str, name: str, version: int) -> TableVersion:
        made = self.of_table(database, name, "createdAt")
        at: dict[str, tuple[str, object]] = {"database": ("String!", database), "table": ("String!", name)}
        found = self.query("tableVersion", values.VERSION, **at, version=("Int!", version))
        if found is None:
            raise NotFound(kind="Version", name=f"{version} of table {database}.{name}")
        return values.version(found, database, name, made["createdAt"])

    def list_versions(self, database: str, name: str) -> list[TableVersion]:
        wanted = f"createdAt versions(first: {EVERYTHING}) {{ edges {{ node {{ {values.VERSION} }} }} }}"
        found = self.of_table(database, name, wanted)
        edges = found["versions"]["edges"]
        return [values.version(edge["node"], database, name, found["createdAt"]) for edge in edges]

    def get_table_as_of(self, database: str, name: str, instant: datetime) -> TableVersion:
        wanted = f"createdAt asOf(instant: $instant) {{ {values.VERSION} }}"
        found = self.of_table(database, name, wanted, instant=("DateTime!", instant.isoformat()))
        if found["asOf"] is None:
            raise NotFound(kind="Version", name=f"as of {instant.isoformat()} of table {database}.{name}")
        return values.version(found["asOf"], database, name, found["createdAt"])

    def restore_version(self, database: str, name: str, version: int, expected_version: int | None = None) -> None:
        at = {"database": database, "name": name, "version": version, "expectedVersion": expected_version}
        self.change("restoreTableVersion", "", **at)

    def delete_versions(self, database: str, name: str, numbers: Sequence[int]) -> int:
        at = {"database": database, "table": name, "versions": list(numbers)}
        return int(self.change("batchDeleteTableVersion", "deletedCount", **at)["deletedCount"])

    # functions

    def create_function(self, function: Function) -> None:
        at = {"database": function.database, "name": function.name}
        self.change("createUserDefinedFunction", "", **at, function=values.of_function(function))

    def get_function(self, database: str, name: str) -> Function:
        at: dict[str, tuple[str, object]] = {"database": ("String!", database), "name": ("String!", name)}
        found = self.query("userDefinedFunction", values.FUNCTION, **at)
        if found is None:
            self.get_database(database)
            raise NotFound(kind="Function", name=f"{database}.{name}")
        return values.function(found)

    def list_functions(self, database: str) -> list[str]:
        return [each["name"] for each in self.all(lambda *at: self._functions(database, "name", *at))]

    def page_functions(self, database: str, limit: int, token: str | None) -> Page[Function]:
        found, after = self.page(lambda *at: self._functions(database, values.FUNCTION, *at), limit, token)
        return Page(tuple(map(values.function, found)), after)

    def _functions(self, database: str, wanted: str, first: int, after: str | None) -> Any:
        edges = f"edges {{ node {{ {wanted} }} }} pageInfo {{ endCursor hasNextPage }}"
        at: dict[str, tuple[str, object]] = {"first": ("Int!", first), "after": ("String", after)}
        found = self.query("userDefinedFunctions", edges, database=("String!", database), **at)
        if found is None:
            raise NotFound(kind="Database", name=database)
        return found

    def update_function(self, database: str, name: str, function: Function) -> None:
        at = {"database": database, "name": name, "newName": function.name}
        self.change("updateUserDefinedFunction", "", **at, function=values.of_function(function))

    def delete_function(self, database: str, name: str) -> None:
        self.change("deleteUserDefinedFunction", "", database=database, name=name)

    # column statistics

    def put_table_statistics(self, database: str, table: str, new: Sequence[ColumnStatistics]) -> None:
        given = [values.of_statistics(each) for each in new]
        self.change("updateColumnStatisticsForTable", "", database=database, table=table, statistics=given)

    def get_table_statistics(self, database: str, table: str, columns: Sequence[str]) -> list[ColumnStatistics]:
        wanted = f"columnStatistics(columns: $columns) {{ {values.STATISTICS} }}"
        found = self.of_table(database, table, wanted, columns=("[String!]", list(columns)))
        return [values.statistics(each) for each in found["columnStatistics"]]

    def delete_table_statistics(self, database: str, table: str, column: str | None = None) -> int:
        at = {"database": database, "table": table, "column": column}
        return int(self.change("deleteColumnStatisticsForTable", "deletedCount", **at)["deletedCount"])

    def put_partition_statistics(
        self, database: str, table: str, new: Mapping[str, Sequence[ColumnStatistics]]
    ) -> None:
        given = [
            {"values": _values(name), "statistics": [values.of_statistics(each) for each in of_columns]}
            for name, of_columns in new.items()
        ]
        self.change("updateColumnStatisticsForPartition", "", database=database, table=table, partitions=given)

    def get_partition_statistics(
        self, database: str, table: str, partitions: Sequence[str], columns: Sequence[str]
    ) -> dict[str, list[ColumnStatistics]]:
        known = self.get_table(database, table)
        wanted = f"values columnStatistics(columns: $columns) {{ {values.STATISTICS} }}"
        document = f"partitions(first: {EVERYTHING}) {{ edges {{ node {{ {wanted} }} }} }}"
        found = self.of_table(database, table, document, columns=("[String!]", list(columns)))
        nodes = [edge["node"] for edge in found["partitions"]["edges"]]
        named = {Partition(tuple(node["values"])).name(known): node["columnStatistics"] for node in nodes}
        return {
            name: list(map(values.statistics, figures))
            for name, figures in named.items()
            if name in partitions and figures
        }

    def delete_partition_statistics(self, database: str, table: str, partition: str, column: str | None = None) -> int:
        at = {"database": database, "table": table, "values": _values(partition), "column": column}
        return int(self.change("deleteColumnStatisticsForPartition", "deletedCount", **at)["deletedCount"])

    # partitions and their indexes

    def create_partitions(
        self, database: str, table: str, new: Sequence[Partition], if_not_exists: bool = False
    ) -> list[Partition]:
        at = {"database": database, "table": table, "ifNotExists": if_not_exists}
        given = list(map(values.of_partition, new))
        made = self.change("batchCreatePartition", f"partitions {{ {values.PARTITION} }}", **at, partitions=given)
        return list(map(values.partition, made["partitions"]))

    def update_partitions(self, database: str, table: str, changed: Sequence[Partition]) -> None:
        given = list(map(values.of_partition, changed))
        self.change("batchUpdatePartition", "", database=database, table=table, partitions=given)

    def get_partition(self, database: str, table: str, of: tuple[str, ...]) -> Partition:
        at: dict[str, tuple[str, object]] = {"database": ("String!", database), "table": ("String!", table)}
        found = self.query("partition", values.PARTITION, **at, values=("[String!]!", list(of)))
        if found is None:
            name = Partition(of).name(self.get_table(database, table))
            raise NotFound(kind="Partition", name=f"{name} of table {database}.{table}")
        return values.partition(found)

    def list_partitions(self, database: str, table: str, filter: str | None = None) -> list[Partition]:
        return list(map(values.partition, self.all(lambda *at: self._partitions(database, table, filter, *at))))

    def page_partitions(
        self, database: str, table: str, filter: str | None, limit: int, token: str | None
    ) -> Page[Partition]:
        found, after = self.page(lambda *at: self._partitions(database, table, filter, *at), limit, token)
        return Page(tuple(map(values.partition, found)), after)

    def _partitions(self, database: str, table: str, filter: str | None, first: int, after: str | None) -> Any:
        edges = f"edges {{ node {{ {values.PARTITION} }} }} pageInfo {{ endCursor hasNextPage }}"
        wanted = f"partitions(filter: $filter, first: $first, after: $after) {{ {edges} }}"
        at: dict[str, tuple[str, object]] = {"first": ("Int!", first), "after": ("String", after)}
        return self.of_table(database, table, wanted, filter=("String", filter), **at)["partitions"]

    def delete_partitions(self, database: str, table: str, of: Sequence[tuple[str, ...]]) -> int:
        at = {"database": database, "table": table, "values": list(map(list, of))}
        return int(self.change("batchDeletePartition", "deletedCount", **at)["deletedCount"])

    def create_partition_index(self, database: str, table: str, index: PartitionIndex) -> None:
        at = {"database": database, "table": table, "name": index.name, "keys": list(index.keys)}
        self.change("createPartitionIndex", "", **at)

    def list_partition_indexes(self, database: str, table: str) -> list[PartitionIndex]:
        found = self.of_table(database, table, "partitionIndexes { name keys createdAt }")["partitionIndexes"]
        return [PartitionIndex(each["name"], tuple(each["keys"]), values.moment(each["createdAt"])) for each in found]

    def delete_partition_index(self, database: str, table: str, name: str) -> None:
        self.change("deletePartitionIndex", "", database=database, table=table, name=name)

    # connections

    def create_connection(self, new: model.Connection, secrets: Mapping[str, str]) -> None:
        self.change("createConnection", "", name=new.name, connection=values.of_connection(new, secrets))

    def get_connection(self, name: str) -> model.Connection:
        found = self.query("connection", values.CONNECTION, name=("String!", name))
        if found is None:
            raise NotFound(kind="Connection", name=name)
        return values.connection(found)

    def page_connections(self, limit: int, token: str | None) -> Page[model.Connection]:
        def ask(first: int, after: str | None) -> Any:
            edges = f"edges {{ node {{ {values.CONNECTION} }} }} pageInfo {{ endCursor hasNextPage }}"
            return self.query("connections", edges, first=("Int!", first), after=("String", after))

        found, after = self.page(ask, limit, token)
        return Page(tuple(map(values.connection, found)), after)

    def update_connection(
        self, changed: model.Connection, secrets: Mapping[str, str], expected_version: int | None = None
    ) -> None:
        given = values.of_connection(changed, secrets)
        self.change("updateConnection", "", name=changed.name, connection=given, expectedVersion=expected_version)

    def delete_connection(self, name: str) -> None:
        self.change("deleteConnection", "", name=name)


def failure(code: str, message: str) -> DomainError:
    """The failure of that code whose words the message is, with its facts."""
    for kind, told in TABLE.items():
        facts = _facts(cleandoc(kind.__doc__ or ""), message) if told.code == code else None
        if facts is not None:
            return kind(**facts)
    raise AssertionError(f"{code} {message}")


def _facts(template: str, message: str) -> Json | None:
    pattern, spelled = "", set()
    for text, name, _, conversion in string.Formatter().parse(template):
        pattern += re.escape(text) + (f"(?P<{name}>.*?)" if name else "")
        if conversion == "r":
            spelled.add(name)
    found = re.fullmatch(pattern, message, re.DOTALL)
    if found is None:
        return None
    return {name: ast.literal_eval(each) if name in spelled else each for name, each in found.groupdict().items()}


def _values(partition: str) -> list[str]:
    return [unescape_partition_value(part.partition("=")[2]) for part in partition.split("/")]


@contextmanager
def opened(catalog: Catalog) -> Iterator[GraphQL]:
    app = FastAPI()
    app.include_router(graphql_routes(catalog, Engine(catalog.engine)))
    yield GraphQL(app)
