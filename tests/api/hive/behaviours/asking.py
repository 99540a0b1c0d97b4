"""A behaviour of a metastore: a small function over a connection, whose outcome can be laid beside another's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from thriftpy2.thrift import TApplicationException, TException

from api.hive.bindings import Failure, Struct, hive
from api.hive.client import Client

TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"


@dataclass(frozen=True)
class Asked:
    """A metastore, a database in it for one behaviour alone, and a folder below which that may have its places."""

    client: Client
    database: str
    root: str

    def call(self, name: str, *arguments: object) -> Any:
        return self.client.call(name, *arguments)

    def place(self, *names: str) -> str:
        return "/".join([self.root, self.database, *names])

    def table(self, name: str = "t", columns: str = "a:int b:string", keys: str = "", **others: object) -> Any:
        """An external table of text in its own folder. `others` are fields of the struct instead of the usual."""
        given: dict[str, object] = {
            "tableName": name,
            "dbName": self.database,
            "owner": "ada",
            "createTime": 1_700_000_000,
            "lastAccessTime": 0,
            "retention": 0,
            "sd": storage(self.place(name), columns),
            "partitionKeys": fields(keys),
            "parameters": {"EXTERNAL": "TRUE"},
            "tableType": "EXTERNAL_TABLE",
        }
        return hive.Table(**{**given, **others})

    def create(self, name: str = "t", columns: str = "a:int b:string", keys: str = "", **others: object) -> None:
        self.call("create_table", self.table(name, columns, keys, **others))

    def read(self, name: str = "t") -> Any:
        return self.call("get_table", self.database, name)

    def alter(self, table: Any, name: str = "t") -> None:
        self.call("alter_table", self.database, name, table)

    def partition(self, *values: str, **others: object) -> Any:
        """A partition of table t in the folder of its name, as for keys p and s."""
        place = self.place("t", "/".join(f"{key}={value}" for key, value in zip("ps", values, strict=False)))
        given: dict[str, object] = {
            "values": list(values),
            "dbName": self.database,
            "tableName": "t",
            "createTime": 1_700_000_000,
            "lastAccessTime": 0,
            "sd": storage(place),
            "parameters": {},
        }
        return hive.Partition(**{**given, **others})

    def create_partitioned(self, *partitions: tuple[str, str]) -> None:
        """Table t with keys `p:int s:string` and the partitions; nothing where another has made them."""
        if self.database in SHARED.values() and self.call("get_all_tables", self.database):
            return
        self.create(keys="p:int s:string")
        if partitions:
            self.call("add_partitions", [self.partition(*values) for values in partitions])


Behaviour = Callable[[Asked], object]
BEHAVIOURS: dict[str, Behaviour] = {}
SHARED: dict[str, str] = {}  # of those that only read, the database that they share


def behaviour(function: Behaviour) -> Behaviour:
    """Take up the function under its name."""
    return named(function.__name__, function)


def named(name: str, function: Behaviour, shared: str | None = None) -> Behaviour:
    """As `behaviour`, under a name that is no Python. `shared` names the database of several that only read."""
    assert name not in BEHAVIOURS, name
    BEHAVIOURS[name] = function
    if shared is not None:
        SHARED[name] = shared
    return function


def outcome(function: Behaviour, asked: Asked) -> object:
    """What the function returns, in plain values; or the name of the exception that the metastore answered with."""
    try:
        return _plain(function(asked), asked)
    except ConnectionError:
        return "! hung up"
    except TApplicationException as error:
        unknown = error.type == TApplicationException.UNKNOWN_METHOD
        return "! unknown method" if unknown else "! undeclared failure"
    except (Failure, TException) as error:
        return f"! {type(error).__name__}"


def refused(work: Callable[..., object], *arguments: object) -> str:
    """The exception that a call inside a behaviour is answered with, or that there is none."""
    try:
        work(*arguments)
    except TApplicationException:
        return "! undeclared failure"
    except Failure as error:
        return f"! {type(error).__name__}"
    return "done"


def fields(text: str) -> list[Any]:
    """`name:type` words as fields."""
    return [hive.FieldSchema(name=name, type=kind) for name, kind in (word.split(":", 1) for word in text.split())]


def storage(place: str | None, columns: str = "a:int b:string", **others: object) -> Any:
    given: dict[str, object] = {
        "cols": fields(columns),
        "location": place,
        "inputFormat": TEXT_INPUT,
        "outputFormat": TEXT_OUTPUT,
        "compressed": False,
        "numBuckets": -1,
        "serdeInfo": hive.SerDeInfo(serializationLib=LAZY, parameters={"serialization.format": "1"}),
        "bucketCols": [],
        "sortCols": [],
        "parameters": {},
    }
    return hive.StorageDescriptor(**{**given, **others})


def _plain(value: object, asked: Asked) -> object:
    if isinstance(value, Struct):
        given = {name: getattr(value, name) for _, name, *_ in value.thrift_spec.values()}
        return {name: _plain(each, asked) for name, each in given.items() if each is not None}
    if isinstance(value, dict):
        return {name: _plain(each, asked) for name, each in sorted(value.items())}
    if isinstance(value, list | tuple | set):
        return [_plain(each, asked) for each in (sorted(value) if isinstance(value, set) else value)]
    if isinstance(value, str):
        return value.replace(asked.root, "<root>")
    return value
