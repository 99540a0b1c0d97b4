"""Protobuf schemas in the registry: what is one, and whether one reads what another wrote."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import InvalidSchema
from catalog.registry.protobufs import canonical, differences

WHOLE = """// A licence
syntax = 'proto3';
package shop.v1;;
import "google/protobuf/timestamp.proto";
import public "google/protobuf/struct.proto";
option java_package = "com." "shop";
option (my.option).inner = { a: 1. b: [1, 2] c { [x.y/z] < d: -.5 > } };
/* an order
   of goods */
message Order {
  reserved 4, 6 to 0x8, 100 to max;
  reserved "gone", 'lost';
  option deprecated = true;
  string id = 1 [json_name = "ID", (rule) = {min: 1}];
  optional int32 message = 2;
  repeated Line lines = 3;
  map<string, .shop.v1.Order.Line> by_name = 5;
  google.protobuf.Timestamp at = 9;
  google.protobuf.NullValue nothing = 10;
  oneof paid { double cash = 11; Card card = 12; };
  message Line { Kind kind = 1; Order of = 2; }
  enum Kind { option allow_alias = true; NONE = 0; ANY = 0 [deprecated = true]; LOW = -1; reserved 5 to max; }
}
message Card { bytes number = 1; }
service Orders { rpc Get (Card) returns (stream Order) { option x = "}"; } }
"""


def proto3(body: str) -> str:
    return canonical(f'syntax = "proto3";\n{body}')


def proto2(body: str) -> str:
    return canonical(
        f"message M {{ {body} }} enum E {{ Z = 0; A = 1; B = 2; }} enum F {{ Y = 0; C = 1; }} message N {{}}"
    )


def test_a_whole_file_has_one_spelling() -> None:
    spelled = canonical(WHOLE)
    assert spelled.startswith('syntax="proto3";package shop.v1;import"google/protobuf/timestamp.proto";')
    assert "6 to 8,100 to max;" in spelled
    assert 'reserved"gone","lost";' in spelled
    assert canonical(spelled) == spelled
    assert canonical(WHOLE.replace("  ", "\n\t// more\n")) == spelled
    assert differences(spelled, spelled) == []


def test_the_spelling_says_the_syntax_and_quotes_in_one_way() -> None:
    spelled = canonical("""message M { optional string a = 0x1 [default = 'it\\'s "a"']; }""")
    assert spelled == """syntax="proto2";message M{optional string a=1[default="it's \\"a\\""];}"""
    assert canonical(spelled) == spelled


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        "message M { required E e = 1; extensions 100 to max; } enum E { A = 3; }",
        "message M { optional string a = 1 [default = 'b']; repeated int32 n = 2 [packed = true]; }",
        'syntax = "proto3"; message A { message B { C c = 1; } message C {} }',
        'syntax = "proto3"; package a.b; message M { b.N n = 1; a.b.N m = 2; .a.b.N o = 3; } message N {}',
        'syntax = "proto3"; message M { string syntax = 1; bool optional = 2; M m = 3; int32 to = 536870911; }',
        'syntax = "proto3"; enum E { A = 0; } message M { map<int32, E> e = 1; message E2 { int32 A = 1; } }',
    ],
)
def test_what_protoc_takes_is_taken(text: str) -> None:
    assert differences(canonical(text), canonical(text)) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "declares no message"),
        ("message M {", "found 'the end'"),
        ("message M { } }", "'}' is not supported in line 1"),
        ("message M { optional int32 a = 1 }", "; expected"),
        ("/* no end", "is not understood in line 1"),
        ("message M {}\n\0", "no text"),
        ('syntax = "proto4"; message M {}', "only syntax proto2 and proto3"),
        ('edition = "2023"; message M {}', "edition '2023' is not supported"),
        ('import "other.proto"; message M {}', "import 'other.proto' is not supported"),
        ("message M { optional group G = 1 { } }", "group is not supported"),
        ("message M {} extend M { optional int32 a = 1; }", "'extend' is not supported"),
        ("message M { int32 a = 1; }", "neither optional, required nor repeated"),
        ("message M { optional N n = 1; }", "the type N of field M.n is not declared"),
        ("message M { optional A.C c = 1; message A {} } message A { message C {} }", "the type A.C of field M.c"),
        ("message M { optional int32 a = 1; optional int32 b = 1; }", "has the number 1 twice"),
        ("message M { optional int32 a = 1; optional int32 a = 2; }", "the name M.a is declared twice"),
        ("message M {} enum M { A = 1; }", "the name M is declared twice"),
        ("message M {} enum E { A = 1; } enum F { A = 1; }", "the name A is declared twice"),
        ("message M { optional int32 a = 0; }", "has the number 0"),
        ("message M { optional int32 a = 19000; }", "19000"),
        ("message M { optional int32 a = 536870912; }", "536870912"),
        (f"message M {{ optional int32 a = {'9' * 9999}; }}", "not one of 1 to"),
        ("message M { optional int32 a = 1.5; }", "'1.5' is no whole number"),
        ("message M { reserved 1 to 3; optional int32 a = 2; }", "is reserved"),
        ('message M { reserved "a"; optional int32 a = 2; }', "is reserved"),
        ("message M { reserved 3 to 1; }", "the range 3 to 1 is empty"),
        ("message M { extensions 1 to 5; optional int32 a = 2; }", "is reserved"),
        ("message M { oneof o { } }", "oneof o has no field"),
        ("message M { oneof o { repeated int32 a = 1; } }", "not repeated"),
        ("message M { map<double, int32> m = 1; }", "keys of type double"),
        ("message M { map<int32, E> m = 1; } enum E { A = 1; }", "a map of E, which does not begin with 0"),
        ("message M { repeated map<int32, int32> m = 1; }", "neither labelled"),
        ("message M {} enum E { }", "enum E has no value"),
        ("message M {} enum E { A = 1; B = 1; }", "without allow_alias"),
        ("message M {} enum E { A = 2147483648; }", "not of 32 bits"),
        ("message M {} enum E { reserved 2; A = 2; }", "A = 2"),
        ('syntax = "proto3"; message M { required int32 a = 1; }', "which proto3 does not know"),
        ('syntax = "proto3"; message M { int32 a = 1 [default = 3]; }', "which proto3 does not know"),
        ('syntax = "proto3"; message M { extensions 4; }', "which proto3 does not know"),
        ('syntax = "proto3"; message M {} enum E { A = 1; }', "does not begin with 0"),
        ("".join(f"message M{n} {{" for n in range(33)) + "}" * 33, "nested deeper than 32"),
    ],
)
def test_what_is_no_schema_is_refused(text: str, told: str) -> None:
    with pytest.raises(InvalidSchema, match="Schema definition of PROTOBUF data format is invalid") as refused:
        canonical(text)
    assert told in str(refused.value)


SAME = [
    *[("int32", other) for other in ("uint32", "int64", "uint64", "bool", "E")],
    *[("sint32", "sint64"), ("fixed32", "sfixed32"), ("fixed64", "sfixed64"), ("string", "bytes"), ("E", "F")],
]
OTHER = [
    *[("int32", other) for other in ("sint32", "fixed32", "string", "double", "float", "N")],
    *[("bool", "E"), ("float", "double"), ("fixed32", "fixed64"), ("float", "fixed32"), ("N", "bytes"), ("N", "M")],
]


@pytest.mark.parametrize(("one", "other", "fit"), [(*pair, True) for pair in SAME] + [(*pair, False) for pair in OTHER])
@pytest.mark.parametrize("field", ["optional {} a = 3;", "repeated {} a = 3;", "map<int32, {}> a = 3;"])
def test_types_of_one_wire_type_read_each_other(one: str, other: str, fit: bool, field: str) -> None:
    both = proto2(field.format(one)), proto2(field.format(other))
    for reader, writer in (both, both[::-1]):
        found = differences(reader, writer)
        assert found == [] if fit else found[0].startswith("M.a: number 3 is ")


@pytest.mark.parametrize(
    ("reader", "writer", "told"),
    [
        ("optional int32 a = 1;", "", ""),
        ("", "optional int32 a = 1;", ""),
        ("optional int32 a = 1;", "optional int32 b = 1;", ""),
        ("optional int32 a = 1;", "required int32 a = 1;", ""),
        ("required int32 a = 1;", "optional int32 a = 1;", "M.a: the reader requires it"),
        ("required int32 a = 1;", "", "M.a: the reader requires it"),
        ("", "required int32 a = 1;", ""),
        ("repeated int32 a = 1;", "optional int32 a = 1;", ""),
        ("optional int32 a = 1;", "repeated int32 a = 1;", "M.a: the writer repeats it"),
        ("optional E a = 1;", "repeated E a = 1;", "M.a: the writer repeats it"),
        ("optional string a = 1;", "repeated string a = 1;", ""),
        ("optional N a = 1;", "repeated N a = 1;", ""),
        ("map<int32, N> a = 1;", "repeated N a = 1;", "M.a: number 1 is a map on one side only"),
        ("map<int32, N> a = 1;", "map<int64, N> a = 1;", ""),
        ("map<int32, N> a = 1;", "map<string, N> a = 1;", "M.a: the reader's keys are int32, the writer's string"),
        ("required E a = 1;", "required E a = 1;", ""),
        ("required E a = 1;", "required F a = 1;", ""),
        ("required F a = 1;", "required E a = 1;", "M.a: the reader requires it, and its enum lacks values"),
        ("required F a = 1;", "required int32 a = 1;", "M.a: the reader requires it, and its enum lacks values"),
        ("oneof o { int32 a = 1; }", "optional int32 a = 1;", ""),
        ("oneof o { int32 a = 1; int32 new = 2; }", "optional int32 a = 1;", ""),
        ("oneof o { int32 a = 1; int32 b = 2; }", "oneof p { int32 a = 1; int32 b = 2; int32 c = 3; }", ""),
        ("optional int32 a = 1; optional int32 b = 2;", "oneof o { int32 a = 1; int32 b = 2; }", ""),
        ("oneof o { int32 a = 1; int32 b = 2; }", "oneof o { int32 a = 1; } optional int32 b = 2;", "M.o: the reader"),
        ("oneof o { int32 a = 1; int32 b = 2; }", "optional int32 a = 1; optional int32 b = 2;", "only one of a, b"),
        ("oneof o { int32 a = 1; int32 b = 2; }", "oneof o { int32 a = 1; } oneof p { int32 b = 2; }", "M.o"),
        ("", "message I { }", "M.I: the reader has no such message"),
        ("message I { }", "", ""),
    ],
)  # fmt: skip
def test_a_message_may_change_as_protobufs_guide_says(reader: str, writer: str, told: str) -> None:
    found = differences(proto2(reader), proto2(writer))
    assert len(found) == (1 if told else 0)
    assert not told or told in found[0]


def test_all_messages_are_compared_by_their_full_names() -> None:
    writer = proto3("package a; message M { N n = 1; } message N { int32 i = 1; }")
    assert differences(proto3("package a; message M { N n = 1; } message N { string i = 1; }"), writer) == [
        "a.N.i: number 1 is string to the reader, int32 to the writer"
    ]
    moved = differences(proto3("package b; message M { N n = 1; } message N { int32 i = 1; }"), writer)
    assert moved == ["a.M: the reader has no such message", "a.N: the reader has no such message"]


FIELDS = st.lists(
    st.tuples(
        st.sampled_from(["optional", "repeated", "required"]),
        st.sampled_from(["int32", "sint64", "bool", "string", "bytes", "double", "E", "N", "M"]),
        st.integers(1, 5),
    ),
    max_size=5,
    unique_by=lambda field: field[2],
)


def message(fields: list[tuple[str, str, int]]) -> str:
    return proto2(" ".join(f"{label} {kind} f{number} = {number};" for label, kind, number in fields))


@given(FIELDS)
@settings(max_examples=50, deadline=None)
def test_each_schema_reads_itself_and_its_spelling_is_final(fields: list[tuple[str, str, int]]) -> None:
    text = message(fields)
    assert canonical(text) == text
    assert differences(text, text) == []


@given(st.integers(0, len(WHOLE)), st.integers(0, 30), st.sampled_from(["", *"{}[]()<>;=,.\"'/*-0a \n"]))
@settings(max_examples=150, deadline=None)
def test_a_damaged_text_is_taken_or_refused(start: int, length: int, sign: str) -> None:
    try:
        spelled = canonical(WHOLE[:start] + sign + WHOLE[start + length :])
    except InvalidSchema:
        return
    assert canonical(spelled) == spelled
