"""Our tables of structs and methods beside PyIceberg's bindings, made from Hive 4's own definition: field by field."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from hive_metastore import ThriftHiveMetastore, ttypes
from thriftpy2.thrift import TType

from api.hive.bindings import hive
from api.hive.methods import NAMES, method
from api.hive.refusals import REFUSED

# What Hive brought after the version that theirs are made from, and fb303's, which they have elsewhere.
NEWER = {
    "alter_database_req", "append_partition_req", "create_database_req", "drop_partition_req", "drop_table_req",
    "get_partitions_by_filter_req", "getName", "getStatus", "getVersion",
}  # fmt: skip
NEWER_STRUCTS = {
    "AlterDatabaseRequest", "AppendPartitionsRequest", "DropPartitionRequest", "DropTableRequest",
    "GetPartitionsByFilterRequest",
}  # fmt: skip
# Methods that Hive 4 changed under the same name; ours are those of Hive 2 and 3, which Spark speaks.
OLDER = {
    "get_partition_names": "Hive 4 declares NoSuchObjectException in front of MetaException",
    "get_table_objects_by_name": "Hive 4 declares nothing",
}


def theirs(spec: Any) -> dict[int, tuple[Any, ...]]:
    return {field[0]: (field[2], plain(field[1], field[3])) for field in spec or () if field is not None}


def plain(kind: int, made_of: Any) -> Any:
    """A type as Apache's thrift has it: of structs the name, of lists and maps what is in them."""
    if kind == TType.STRUCT:
        return made_of[0].__name__
    if kind in (TType.LIST, TType.SET):
        return kind, plain(made_of[0], made_of[1])
    if kind == TType.MAP:
        return kind, plain(made_of[0], made_of[1]), plain(made_of[2], made_of[3])
    return kind, made_of == "BINARY"


def ours(struct: Any) -> dict[int, tuple[Any, ...]]:
    return {number: (field[1], own(field[0], field[2])) for number, field in struct.thrift_spec.items()}


def own(kind: int, made_of: Any) -> Any:
    """A type of ours in the same words."""
    if kind == TType.STRUCT:
        return made_of.__name__
    if kind == TType.LIST:
        return kind, nested(made_of)
    if kind == TType.MAP:
        return kind, nested(made_of[0]), nested(made_of[1])
    return (TType.STRING, True) if kind == TType.BINARY else (kind, False)


def nested(kind: Any) -> Any:
    return own(*kind) if isinstance(kind, tuple) else own(kind, None)


def known(module: ModuleType, name: str) -> dict[int, tuple[Any, ...]]:
    return theirs(getattr(module, name).thrift_spec)


@pytest.mark.parametrize("name", sorted(vars(hive).keys() - NEWER_STRUCTS))
def test_each_field_of_a_struct_has_hive_s_id_name_and_type(name: str) -> None:
    there = known(ttypes, name)
    assert ours(getattr(hive, name)).items() <= there.items()


@pytest.mark.parametrize("name", sorted(NAMES - NEWER - REFUSED.keys() - OLDER.keys()))
def test_each_method_takes_answers_and_raises_what_hive_s_does(name: str) -> None:
    called = method(name)
    arguments, answer = known(ThriftHiveMetastore, f"{name}_args"), known(ThriftHiveMetastore, f"{name}_result")
    assert ours(called.arguments).items() <= arguments.items()
    assert {field for _, field in arguments.values()} >= {field for _, field in ours(called.arguments).values()}
    assert [(number, field[1]) for number, field in ours(called.answer).items()] == [
        (number, field[1]) for number, field in answer.items()
    ]


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_refusal_is_told_by_the_exceptions_that_the_method_declares_first(name: str) -> None:
    there = known(ThriftHiveMetastore, f"{name}_result") if hasattr(ThriftHiveMetastore, f"{name}_result") else {}
    declared = [field[1] for number, field in sorted(there.items()) if number]
    raised = list(method(name).exceptions)
    assert declared[: len(raised)] == raised
    assert bool(declared) == bool(raised)


def test_what_is_left_out_of_the_comparison_is_there_and_is_not_in_theirs() -> None:
    assert NEWER | OLDER.keys() <= NAMES
    assert vars(hive).keys() >= NEWER_STRUCTS
    assert not any(hasattr(ttypes, name) for name in NEWER_STRUCTS)
    assert not any(
        f"{name}_args" in vars(ThriftHiveMetastore) for name in NEWER - {"getName", "getStatus", "getVersion"}
    )
