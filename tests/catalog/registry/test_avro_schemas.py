"""Avro in the registry: what is a schema, which are equal, and which data are read with another than wrote them."""

from __future__ import annotations

import io
import json
from typing import Any

import fastavro
import pytest
from fastavro.utils import generate_one
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import InvalidSchema
from catalog.registry.avro_schemas import canonical, differences

Json = Any


def record(*fields: Json, name: str = "Flight", **more: Json) -> Json:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def field(name: str, of: Json, **more: Json) -> Json:
    return {"name": name, "type": of, **more}


def enum(*symbols: str, **more: Json) -> Json:
    return {"type": "enum", "name": "Suit", "symbols": list(symbols), **more}


def fixed(size: Json, **more: Json) -> Json:
    return {"type": "fixed", "name": "Hash", "size": size, **more}


def decimal(precision: int, scale: int) -> Json:
    return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}


def why(reader: Json, writer: Json) -> str:
    return " ".join(differences(json.dumps(reader), json.dumps(writer)))


NODE = record(field("value", "int"), field("next", ["null", "Node"]), name="Node")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("{", "it is no JSON"),
        ("7", "'7' is no type"),
        ('"Unknown"', "type 'Unknown' is not defined"),
        ({"type": {"type": "int"}}, "is no type"),
        (["int", ["null"]], "a union holds a union"),
        (["int", "null", "int"], "a union holds int twice"),
        ([{"type": "array", "items": "int"}, {"type": "array", "items": "string"}], "a union holds array twice"),
        ({"type": "array"}, "has no items"),
        ({"type": "map", "items": "int"}, "has no values"),
        (fixed(-1), "fixed Hash has no size"),
        (fixed(True), "fixed Hash has no size"),
        (enum("A", "A"), "enum Suit has the symbol A twice"),
        (enum("A", "b-c"), "'b-c' is no name"),
        (enum("A", default="B"), "the default of enum Suit"),
        (record(name="1st"), "'1st' is no name"),
        (record(name="int"), "type int is defined already"),
        (record(field("a", record()), name="Flight"), "type Flight is defined already"),
        (record(field("a", "int"), field("a", "long")), "has the field a twice"),
        (record({"name": "a"}), "field Flight.a has no type"),
        (record({"type": "int"}), "is no name"),
        (record("a"), "a field that is no object"),
        (record(field("a", "int", aliases="b")), "are no list"),
        (record(field("a", "int", order="up")), "order other than"),
        (record(field("a", "int", default="1")), "the default of Flight.a"),
        (record(field("a", "int", default=2**31)), "the default of Flight.a"),
        (record(field("a", "boolean", default=0)), "the default of Flight.a"),
        (record(field("a", enum("A"), default="B")), "the default of Flight.a"),
        (record(field("a", fixed(2), default="\u00ff")), "the default of Flight.a"),
        (record(field("a", "bytes", default="\u0100")), "the default of Flight.a"),
        (record(field("a", record(field("b", "int"), name="In"), default={})), "the default of Flight.a"),
        (record(field("a", {"type": "map", "values": "int"}, default={"x": None})), "the default of Flight.a"),
        ('{"type":"array","items":' * 65 + '"int"' + "}" * 65, "nested deeper than 64"),
        ("[" * 100_000, "it is"),
    ],
)
def test_what_is_no_schema_is_refused_with_its_place(given: Json, told: str) -> None:
    with pytest.raises(InvalidSchema) as refused:
        canonical(given if isinstance(given, str) else json.dumps(given))
    assert str(refused.value).startswith("Schema definition of AVRO data format is invalid: ")
    assert told in str(refused.value)


@pytest.mark.parametrize(
    "given",
    [
        NODE,
        record(field("a", ["null", "string"], default="x")),
        record(field("a", ["null", record(field("b", "int", default=1), name="In")], default={})),
        record(field("a", "double", default=1), field("b", "long", default=2**40)),
        record(field("a", enum("A", "B"), default="B"), field("b", fixed(2), default="\u00ff\u0000")),
        record(field("a", {"type": "string", "avro.java.string": "String"}, default="x")),
        record(field("a", {"type": "array", "items": "int"}, default=[1])),
        [record(name="a.A"), record(field("a", "a.A"), name="b.B")],
        {"type": "error", "name": "Failure", "fields": []},
    ],
)
def test_schemas_are_taken(given: Json) -> None:
    told = canonical(json.dumps(given))
    assert canonical(told) == told
    assert differences(told, json.dumps(given)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"type": "int"}', ' "int" '),
        (record(name="a.Flight"), record(namespace="a")),
        (
            record(field("x", record(name="In", namespace="a")), field("y", "In"), namespace="a"),
            record(field("y", "a.In"), field("x", record(name="a.In")), name="a.Flight")
            | {"fields": [field("x", record(name="a.In")), field("y", "a.In")]},
        ),
        (record(aliases=["Trip"], namespace="a"), record(aliases=["a.Trip"], namespace="a")),
    ],
)
def test_schemas_that_are_written_otherwise_are_equal(one: Json, other: Json) -> None:
    texts = [each if isinstance(each, str) else json.dumps(each) for each in (one, other)]
    assert canonical(texts[0]) == canonical(texts[1])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (record(field("a", "int")), record(field("a", "int", default=1))),
        (record(field("a", "int")), record(field("a", "int", aliases=["b"]))),
        (record(field("a", "int"), field("b", "int")), record(field("b", "int"), field("a", "int"))),
        (["int", "null"], ["null", "int"]),
        (decimal(4, 2), decimal(4, 1)),
    ],
)
def test_schemas_of_which_others_read_otherwise_are_not_equal(one: Json, other: Json) -> None:
    assert canonical(json.dumps(one)) != canonical(json.dumps(other))


PROMOTED = [
    ("int", "long"),
    ("int", "float"),
    ("int", "double"),
    ("long", "float"),
    ("long", "double"),
    ("float", "double"),
    ("string", "bytes"),
    ("bytes", "string"),
]
PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")


@pytest.mark.parametrize("writer", PRIMITIVES)
@pytest.mark.parametrize("reader", PRIMITIVES)
def test_primitives_are_read_as_themselves_or_what_they_are_promoted_to(reader: str, writer: str) -> None:
    fits = reader == writer or (writer, reader) in PROMOTED
    assert why(reader, writer) == ("" if fits else f"{writer} of the schema cannot be read as {reader}.")


@pytest.mark.parametrize(
    ("reader", "writer", "told"),
    [
        # fields
        (record(field("a", "int")), record(field("a", "int"), field("b", "int")), ""),
        (record(field("a", "int"), field("b", "int", default=0)), record(field("a", "int")), ""),
        (record(field("b", "int")), record(), "field Flight.b was not written, and has no default."),
        (record(field("b", "int", aliases=["a"])), record(field("a", "int")), ""),
        (record(field("b", "int", aliases=["a"])), record(field("a", "string")), "string of Flight.b cannot be"),
        (record(field("b", "int")), record(field("b", "int"), name="x.Flight"), ""),
        (record(name="Trip"), record(), "record Flight of the schema cannot be read as record Trip."),
        (record(name="Trip", aliases=["Flight"]), record(), ""),
        (record(name="Trip", aliases=["Flight"]), record(namespace="a"), "record a.Flight of the schema"),
        (
            record(field("in", record(field("b", "int"), name="In"))),
            record(field("in", record(name="In"))),
            "Flight.in.b",
        ),
        (record(), {"type": "map", "values": "int"}, "a map of the schema cannot be read as record Flight."),
        # lists and maps
        ({"type": "array", "items": "long"}, {"type": "array", "items": "int"}, ""),
        ({"type": "array", "items": "int"}, {"type": "array", "items": "long"}, "long of [] cannot be read as int."),
        ({"type": "map", "values": "int"}, {"type": "map", "values": "long"}, "long of {} cannot be read as int."),
        ({"type": "map", "values": "int"}, {"type": "array", "items": "int"}, "an array of the schema cannot"),
        # unions
        (["null", "int"], "int", ""),
        (["null", "long"], "int", ""),
        (["null", "string"], "int", "int of the schema is none of the reader's union of null, string."),
        ("int", ["int"], ""),
        ("int", ["null", "int"], "null of the schema cannot be read as int."),
        (["null", "string", "int"], ["int", "null"], ""),
        (["null", "int"], ["null", "string"], "string of the schema is none of"),
        (["null", record(field("a", "int"))], ["null", record()], "field Flight.a was not written"),
        (["null", record(field("a", "int"), name="x.A"), record(name="y.A")], record(name="y.A"), ""),
        # enums
        (enum("A", "B", "C"), enum("A", "C"), ""),
        (enum("A"), enum("A", "B"), "the reader's enum Suit lacks B, and has no default."),
        (enum("A", default="A"), enum("A", "B"), ""),
        (enum("A"), enum("A") | {"name": "Colour"}, "enum Colour of the schema cannot be read as enum Suit."),
        # fixed, decimals and other logical types
        (fixed(4), fixed(4), ""),
        (fixed(4), fixed(5), "Hash was written with 5 bytes, and has 4."),
        (fixed(4), "bytes", "bytes of the schema cannot be read as fixed Hash."),
        (decimal(4, 2), decimal(4, 2), ""),
        (decimal(4, 2), decimal(5, 2), "decimal(5, 2) of the schema cannot be read as decimal(4, 2)."),
        (decimal(4, 2), "bytes", ""),
        (decimal(2, 4), decimal(4, 2), ""),
        (fixed(4, logicalType="decimal", precision=4), fixed(4, logicalType="decimal", precision=5), "decimal(5, 0)"),
        ({"type": "int", "logicalType": "date"}, "int", ""),
        # what holds itself
        (NODE, NODE, ""),
        (record(*NODE["fields"], field("more", "int"), name="Node"), NODE, "field Node.more was not written"),
    ],
)
def test_data_are_read_by_the_rules_of_schema_resolution(reader: Json, writer: Json, told: str) -> None:
    assert (told in why(reader, writer)) if told else why(reader, writer) == ""


def test_long_chains_of_types_are_compared() -> None:
    chain = [record(name="R0")]
    chain += [record(field("a", f"R{number - 1}"), name=f"R{number}") for number in range(1, 1_500)]
    longer = [record(field("z", "int"), name="R0"), *chain[1:]]
    assert differences(json.dumps(chain), json.dumps(chain)) == []
    assert len(differences(json.dumps(longer), json.dumps(chain))) == 1


def test_unions_of_records_that_hold_themselves_have_their_defaults_judged() -> None:
    names = [f"R{number}" for number in range(6)]
    inner: Json = 1
    for _ in range(40):
        inner = {"f": inner}
    records = [record(field("f", ["null", *names[: number + 1]]), name=name) for number, name in enumerate(names)]
    with pytest.raises(InvalidSchema, match=r"the default of Flight\.last"):
        canonical(json.dumps(record(field("all", records), field("last", names, default=inner))))


leaves = st.sampled_from([*PRIMITIVES, fixed(2), fixed(3), enum("A", "B"), enum("B", "C", default="B"), decimal(4, 2)])


def holding(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return st.one_of(
        st.builds(lambda of: {"type": "array", "items": of}, inner),
        st.builds(lambda of: {"type": "map", "values": of}, inner),
        st.lists(inner, min_size=1, max_size=3),
        st.lists(st.tuples(st.sampled_from("abc"), inner), max_size=3, unique_by=lambda each: each[0]).map(
            lambda fields: record(*(field(name, of) for name, of in fields))
        ),
        inner.map(lambda of: record(field("a", of), field("d", "int", default=3))),
    )


def is_schema(given: Json) -> bool:
    try:
        canonical(json.dumps(given))
    except InvalidSchema:
        return False
    return True


schemas = st.recursive(leaves, holding, max_leaves=5).filter(is_schema)


@settings(deadline=None)
@given(schemas)
def test_every_schema_reads_what_it_wrote_and_is_equal_to_itself_written_otherwise(schema: Json) -> None:
    text = json.dumps(schema)
    assert differences(text, text) == []
    assert canonical(text) == canonical(json.dumps(schema, indent=2, sort_keys=True)) == canonical(canonical(text))


@st.composite
def evolved(draw: st.DrawFn, of: Json, in_union: bool = False) -> Json:
    """A schema that reads what `of` wrote."""
    match of:
        case str() if not in_union:
            return draw(st.sampled_from([of, ["null", of]] if of != "null" else [of]) | promoted(of))
        case list():
            return [draw(evolved(each, in_union=True)) for each in of]
        case {"type": "array"}:
            return {**of, "items": draw(evolved(of["items"]))}
        case {"type": "map"}:
            return {**of, "values": draw(evolved(of["values"]))}
        case {"type": "record"}:
            kept = [each for each in of["fields"] if draw(st.booleans())]
            return record(
                *(field(each["name"], draw(evolved(each["type"]))) for each in kept), field("e", "int", default=1)
            )
    return of


def promoted(kind: str) -> st.SearchStrategy[Json]:
    """Not of bytes to a string, which Avro allows, and which reads only those bytes that are UTF-8."""
    return st.sampled_from([kind, *(reader for writer, reader in PROMOTED if writer == kind != "bytes")])


@settings(deadline=None)
@given(schemas.flatmap(lambda writer: st.tuples(st.just(writer), evolved(writer))))
def test_what_does_not_differ_is_read_by_a_reader_of_avro(pair: tuple[Json, Json]) -> None:
    writer, reader = pair
    assert differences(json.dumps(reader), json.dumps(writer)) == []
    stream = io.BytesIO()
    fastavro.schemaless_writer(stream, fastavro.parse_schema(writer), generate_one(writer))
    stream.seek(0)
    fastavro.schemaless_reader(stream, fastavro.parse_schema(writer), fastavro.parse_schema(reader))
