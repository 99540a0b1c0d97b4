"""Bodies of batches, whose columns are read once: read so, they say what they say when they are read as a whole."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from api.glue.bodies import whole
from api.glue.failures import GlueFailure
from api.glue.model import glue_model
from tests.api.glue.requests import drawn, input_of

COLUMNS = [{"Name": f"c{at}", "Type": "string", "Comment": "é\n"} for at in range(60)]
PADDING = {"Values": ["0"], "Parameters": {"padding": "0" * 10_000}, "StorageDescriptor": {"Columns": COLUMNS}}


def outcome(read: Any, body: bytes) -> Any:
    try:
        return read(body)
    except GlueFailure as failure:
        return type(failure), str(failure)


def demand_alike(operation: str, body: bytes) -> Any:
    """What reading the body gives, which is the same in both ways."""
    model = glue_model()
    found = outcome(model.form_of(operation).read, body)
    assert found == outcome(lambda text: model.inputs.validate(input_of(operation), whole(text)), body)
    return found


def batch(*storages: Any) -> bytes:
    entries = [PADDING, *({"Values": ["1"], "StorageDescriptor": each} for each in storages)]
    return json.dumps({"DatabaseName": "d", "TableName": "t", "PartitionInputList": entries}).encode()


@pytest.mark.parametrize("operation", ["BatchCreatePartition", "BatchUpdatePartition", "CreateTable"])
def test_any_body_reads_as_it_does_as_a_whole(operation: str) -> None:
    draw = Random(7)
    for _ in range(200):
        asked = drawn(input_of(operation), draw)
        if "PartitionInputList" in asked:
            asked["PartitionInputList"] += [PADDING, PADDING]
        demand_alike(operation, json.dumps(asked).encode() + b" " * 10_000)


def test_equal_columns_are_one_list() -> None:
    read = demand_alike("BatchCreatePartition", batch({"Columns": COLUMNS}, {"Columns": COLUMNS[1:]}))
    first, second, third = (entry["StorageDescriptor"]["Columns"] for entry in read["PartitionInputList"])
    assert first is second
    assert third == COLUMNS[1:]


@pytest.mark.parametrize(
    "columns",
    [
        [{"Name": "c", "Type": 5}],
        [{"Type": "string"}],
        [{"Name": ""}],
        [{"Name": "x" * 256}],
        [None],
        "c",
        7,
        {"Name": "c"},
        [{"Name": "c", "NoMember": 1, "Parameters": {"a": "b"}}],
        [{"Name": "\0"}],
        [{"Name": "c", "Comment": "null"}],
        [],
    ],
)
def test_columns_that_the_model_does_not_take_are_told_as_ever(columns: Any) -> None:
    demand_alike("BatchCreatePartition", batch({"Columns": columns}, {"Columns": COLUMNS}, {"Columns": columns}))


def test_columns_that_are_null_are_none() -> None:
    read = glue_model().form_of("BatchCreatePartition").read(batch({"Columns": None}))
    assert not read["PartitionInputList"][1]["StorageDescriptor"].get("Columns")


@pytest.mark.parametrize("text", ['"\\ud800"', '"\xff"', "nul", "[", "1e999", "NaN", "[[[" * 3_000])
def test_what_is_no_json_is_refused_wherever_it_stands(text: str) -> None:
    body = batch({"Columns": "HERE"}).replace(b'"HERE"', text.encode("latin-1"))
    kind, _ = demand_alike("BatchCreatePartition", body)
    assert issubclass(kind, GlueFailure)
