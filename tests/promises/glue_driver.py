"""Glue's JSON API as a face of promises: boto3 over HTTP, and the catalog's values in Glue's shapes.

One HTTP server serves all tests; the catalog that it answers from is the test's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
import orjson
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError
from starlette.types import Receive, Scope, Send

from api.glue.account import OWN_ACCOUNT
from api.glue.app import GlueApp
from api.glue.shapes.databases import database_shape, database_value
from api.glue.shapes.partitions import partition_shape, partition_value
from api.glue.shapes.statistics import statistics_shape, statistics_value
from api.glue.shapes.tables import table_shape, table_value
from api.glue.signing import Unchecked
from api.services import answering, listening
from catalog import errors
from catalog.catalog import Catalog
from catalog.model import Database, Origin, Page, Partition, PartitionIndex, Table
from catalog.names import unescape_partition_value
from catalog.statistics import ColumnStatistics
from engine.engine import Engine

# Promises that Glue's API cannot keep although it has the verbs, with the reasons.
CANNOT = {
    name: reason
    for reason, names in {
        "an expression has 2,048 characters at most, a value 1,024": (
            "test_a_filter_of_thousands_of_values_or_alternatives_is_answered",
            "test_an_odd_partition_value_is_kept_to_the_letter",
        ),
        "Glue's model has no empty names and values, and refuses them before the catalog does": (
            "test_an_empty_value_is_a_null_partition",
            "test_an_index_that_could_not_serve_is_refused",
            "test_a_table_is_read_as_it_was_created",
        ),
        "Glue tells no time of an index": ("test_an_index_is_listed_as_it_was_created_and_can_be_deleted",),
        "its refusals name neither the partition nor the table of an index or a column": (
            "test_a_name_stands_once_and_a_table_has_three_indexes_at_most",
            "test_what_is_missing_is_told",
            "test_a_partition_cannot_be_created_twice",
            "test_a_partition_has_as_many_values_as_the_table_has_keys",
            "test_an_update_of_a_partition_that_is_not_there_changes_none",
            "test_a_partition_that_is_not_there_is_not_found",
            "test_statistics_of_a_missing_column_or_without_a_length_are_refused_with_all_others",
            "test_statistics_of_a_missing_partition_are_refused_with_all_others",
        ),
        "of a batch Glue does what it can, and a batch has 100 at most": (
            "test_a_partition_given_twice_in_one_request_is_refused",
            "test_thousands_of_partitions_are_created_listed_and_deleted_at_once",
        ),
        "statistics of a partition that is gone are asked for, which Glue refuses": (
            "test_partitions_have_statistics_of_their_own",
            "test_statistics_go_with_their_column_their_type_their_partition_and_their_table",
        ),
    }.items()
    for name in names
}
_BATCH, _DELETED = 100, 25  # how many Glue takes at a call
Shape = dict[str, Any]


class GlueJson:
    """The verbs that Glue's API has. A function's long texts, by which its promises go, are more than Glue takes."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def ask(self, operation: str, **asked: Any) -> Any:
        given = {name: value for name, value in asked.items() if value is not None}
        try:
            return getattr(self.client, operation)(**given)
        except ClientError as error:
            raise understood(error.response["Error"]["Code"], error.response["Error"]["Message"], asked) from error
        except ParamValidationError as error:
            raise errors.InvalidInput(what="the request", why=str(error)) from error

    def all(self, operation: str, member: str, **asked: Any) -> list[Any]:
        found: list[Any] = []
        token: str | None = None
        while True:
            page = self.ask(operation, NextToken=token, **asked)
            found += page[member]
            token = page.get("NextToken")
            if token is None:
                return found

    # databases

    def create_database(self, database: Database) -> None:
        self.ask("create_database", DatabaseInput=_input("DatabaseInput", database_shape(database, OWN_ACCOUNT)))

    def get_database(self, name: str) -> Database:
        found = self.ask("get_database", Name=name)["Database"]
        return replace(database_value(found), created_at=_utc(found["CreateTime"]))

    def list_databases(self) -> list[str]:
        return [each["Name"] for each in self.all("get_databases", "DatabaseList")]

    # tables

    def create_table(self, table: Table) -> None:
        self.ask("create_table", DatabaseName=table.database, TableInput=_table_input(table))

    def get_table(self, database: str, name: str) -> Table:
        return _table(self.ask("get_table", DatabaseName=database, Name=name)["Table"])

    def list_tables(self, database: str) -> list[str]:
        return [each["Name"] for each in self.all("get_tables", "TableList", DatabaseName=database)]

    def page_tables(self, database: str, limit: int, token: str | None) -> Page[Table]:
        found = self.ask("get_tables", DatabaseName=database, MaxResults=limit, NextToken=token)
        return Page(tuple(map(_table, found["TableList"])), found.get("NextToken"))

    def update_table(self, table: Table, expected_version: int | None = None) -> None:
        expected = None if expected_version is None else str(expected_version)
        self.ask("update_table", DatabaseName=table.database, TableInput=_table_input(table), VersionId=expected)

    def delete_table(self, database: str, name: str) -> None:
        self.ask("delete_table", DatabaseName=database, Name=name)

    # column statistics

    def get_table_statistics(self, database: str, table: str, columns: Sequence[str]) -> list[ColumnStatistics]:
        asked = {"DatabaseName": database, "TableName": table, "ColumnNames": list(columns)}
        return _sorted(self.ask("get_column_statistics_for_table", **asked)["ColumnStatisticsList"])

    def put_table_statistics(self, database: str, table: str, new: Sequence[ColumnStatistics]) -> None:
        asked = {"DatabaseName": database, "TableName": table, "ColumnStatisticsList": _statistics(new)}
        _raise_first(self.ask("update_column_statistics_for_table", **asked)["Errors"], "Error", asked)

    def put_partition_statistics(
        self, database: str, table: str, new: Mapping[str, Sequence[ColumnStatistics]]
    ) -> None:
        for name, of_columns in new.items():
            asked = {"DatabaseName": database, "TableName": table, "PartitionValues": _values(name)}
            given = self.ask(
                "update_column_statistics_for_partition", ColumnStatisticsList=_statistics(of_columns), **asked
            )
            _raise_first(given["Errors"], "Error", asked)

    def get_partition_statistics(
        self, database: str, table: str, partitions: Sequence[str], columns: Sequence[str]
    ) -> dict[str, list[ColumnStatistics]]:
        found = {}
        for name in partitions:
            asked = {"DatabaseName": database, "TableName": table, "PartitionValues": _values(name)}
            told = self.ask("get_column_statistics_for_partition", ColumnNames=list(columns), **asked)
            if told["ColumnStatisticsList"]:
                found[name] = _sorted(told["ColumnStatisticsList"])
        return found

    # partitions and their indexes

    def create_partitions(
        self, database: str, table: str, new: Sequence[Partition], if_not_exists: bool = False
    ) -> list[Partition]:
        at = {"DatabaseName": database, "TableName": table}
        made: list[Partition] = []
        for start in range(0, len(new), _BATCH):
            some = new[start : start + _BATCH]
            given = [_partition_input(each) for each in some]
            failed = self.ask("batch_create_partition", PartitionInputList=given, **at)["Errors"]
            others = [each for each in failed if each["ErrorDetail"]["ErrorCode"] != "AlreadyExistsException"]
            _raise_first(others if if_not_exists else failed, "ErrorDetail", {**at, "Values": failed})
            refused = [tuple(each["PartitionValues"]) for each in failed]
            wanted = [{"Values": list(each.values)} for each in some if each.values not in refused]
            found = self.ask("batch_get_partition", PartitionsToGet=wanted, **at)["Partitions"]
            made += map(_partition, found)
        return made

    def update_partitions(self, database: str, table: str, changed: Sequence[Partition]) -> None:
        at = {"DatabaseName": database, "TableName": table}
        given = [
            {"PartitionValueList": list(each.values), "PartitionInput": _partition_input(each)} for each in changed
        ]
        for start in range(0, len(given), _BATCH):
            failed = self.ask("batch_update_partition", Entries=given[start : start + _BATCH], **at)["Errors"]
            _raise_first(failed, "ErrorDetail", at)

    def get_partition(self, database: str, table: str, values: tuple[str, ...]) -> Partition:
        asked = {"DatabaseName": database, "TableName": table, "PartitionValues": list(values)}
        return _partition(self.ask("get_partition", **asked)["Partition"])

    def list_partitions(self, database: str, table: str, filter: str | None = None) -> list[Partition]:
        found = self.all("get_partitions", "Partitions", DatabaseName=database, TableName=table, Expression=filter)
        return list(map(_partition, found))

    def page_partitions(
        self, database: str, table: str, filter: str | None, limit: int, token: str | None
    ) -> Page[Partition]:
        asked = {"DatabaseName": database, "TableName": table, "Expression": filter, "MaxResults": limit}
        found = self.ask("get_partitions", NextToken=token, **asked)
        return Page(tuple(map(_partition, found["Partitions"])), found.get("NextToken"))

    def delete_partitions(self, database: str, table: str, values: Sequence[tuple[str, ...]]) -> int:
        at, gone = {"DatabaseName": database, "TableName": table}, 0
        for start in range(0, len(values), _DELETED):
            given = [{"Values": list(each)} for each in values[start : start + _DELETED]]
            failed = self.ask("batch_delete_partition", PartitionsToDelete=given, **at)["Errors"]
            others = [each for each in failed if each["ErrorDetail"]["ErrorCode"] != "EntityNotFoundException"]
            _raise_first(others, "ErrorDetail", at)
            gone += len(given) - len(failed)
        return gone

    def create_partition_index(self, database: str, table: str, index: PartitionIndex) -> None:
        given = {"IndexName": index.name, "Keys": list(index.keys)}
        self.ask("create_partition_index", DatabaseName=database, TableName=table, PartitionIndex=given)

    def list_partition_indexes(self, database: str, table: str) -> list[PartitionIndex]:
        found = self.all(
            "get_partition_indexes", "PartitionIndexDescriptorList", DatabaseName=database, TableName=table
        )
        return [PartitionIndex(each["IndexName"], tuple(key["Name"] for key in each["Keys"])) for each in found]

    def delete_partition_index(self, database: str, table: str, name: str) -> None:
        self.ask("delete_partition_index", DatabaseName=database, TableName=table, IndexName=name)


# ── the catalog's values ─────────────────────────────────────────────────────────────────────────────────────────────


def _input(shape: str, given: Shape) -> Shape:
    """What of an answer's shape is a member of the input's."""
    members = _client_of(0).meta.service_model.shape_for(shape).members
    plain = orjson.loads(orjson.dumps({name: each for name, each in given.items() if name in members}))
    found: Shape = _without_nothing(plain)
    return found


def _without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nothing(each) for name, each in value.items() if each is not None}
    return [_without_nothing(each) for each in value] if isinstance(value, list) else value


def _table_input(table: Table) -> Shape:
    return _input("TableInput", table_shape(table, OWN_ACCOUNT))


def _partition_input(partition: Partition) -> Shape:
    return _input("PartitionInput", partition_shape(partition, "", "", OWN_ACCOUNT))


def _table(shape: Shape) -> Table:
    version, made, changed = int(shape["VersionId"]), _utc(shape["CreateTime"]), _utc(shape["UpdateTime"])
    read = table_value(shape["DatabaseName"], shape)
    return replace(read, version=version, token=version, created_at=made, updated_at=changed)


def _partition(shape: Shape) -> Partition:
    return partition_value(shape)


def _statistics(values: Sequence[ColumnStatistics]) -> list[Shape]:
    now = datetime.now(UTC)
    return [_without_nothing({**statistics_shape(each), "AnalyzedTime": now}) for each in values]


def _sorted(shapes: Sequence[Shape]) -> list[ColumnStatistics]:
    found = [replace(statistics_value(each), analyzed_at=_utc(each["AnalyzedTime"])) for each in shapes]
    return sorted(found, key=lambda each: each.column)


def _values(partition: str) -> list[str]:
    return [unescape_partition_value(part.partition("=")[2]) for part in partition.split("/")]


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _raise_first(failed: Sequence[Shape], member: str, asked: Shape) -> None:
    for each in failed[:1]:
        raise understood(each[member]["ErrorCode"], each[member]["ErrorMessage"], asked)


def understood(code: str, message: str, asked: Shape) -> errors.DomainError:
    """The catalog's failure that an answer tells; Glue names things without the database that they are in."""
    known = re.fullmatch(r"(?P<kind>.+?) (?P<name>\S+) not found\.", message)
    match code:
        case "EntityNotFoundException":
            kind, name = (known["kind"], known["name"]) if known else ("Partition", "")
            database = asked.get("DatabaseName") if kind in ("Table", "Function") else None
            return errors.NotFound(kind=kind, name=f"{database}.{name}" if database else name)
        case "AlreadyExistsException":
            given = asked.get("TableInput") or asked.get("DatabaseInput") or {}
            at = f"{asked['DatabaseName']}." if "DatabaseName" in asked else ""
            name = f"{at}{given.get('Name', '')}".lower()
            return errors.AlreadyExists(kind=message.partition(" ")[0], name=name)
        case "ConcurrentModificationException":
            return errors.VersionConflict(kind="Table", name="", expected="", actual="")
        case "ResourceNumberLimitExceededException":
            return errors.LimitReached(what=message, limit="")
        case "InvalidInputException" if message.startswith("Partition filter"):
            return errors.InvalidPredicate(text="", why=message)
        case "InvalidInputException" if message.startswith("The page token"):
            return errors.InvalidPageToken()
        case "InvalidInputException" | "ValidationException":
            return errors.InvalidInput(what=message, why="")
        case _:
            raise AssertionError(f"{code} {message}")


# ── the server ───────────────────────────────────────────────────────────────────────────────────────────────────────


class _Current:
    """The application of the test that runs."""

    app: GlueApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


_current, _open = _Current(), ExitStack()


@cache
def _port() -> int:
    listener = _open.enter_context(listening("127.0.0.1", 0))
    _open.enter_context(answering(_current, listener))
    port: int = listener.getsockname()[1]
    return port


@cache
def _client_of(port: int) -> Any:
    return boto3.client(
        "glue",
        endpoint_url=f"http://127.0.0.1:{port or 1}",
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(retries={"total_max_attempts": 1}, max_pool_connections=40, parameter_validation=False),
    )


def close() -> None:
    """End the server, if one was needed."""
    if _port.cache_info().currsize:
        _client_of(_port()).close()
        _port.cache_clear()
        _client_of.cache_clear()
    _open.close()


@contextmanager
def opened(catalog: Catalog) -> Iterator[GlueJson]:
    app = GlueApp(catalog.acting_as(Origin("glue")), Engine(catalog.engine), OWN_ACCOUNT, Unchecked())
    _current.app = app
    yield GlueJson(_client_of(_port()))
    app.threads.shutdown()
