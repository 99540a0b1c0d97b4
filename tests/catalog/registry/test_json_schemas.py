"""JSON Schemas in the registry: what is one, and whether one reads what another wrote."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from catalog.errors import InvalidSchema
from catalog.registry.json_schemas import canonical, differences

MORE = {"additionalProperties": True}


def breaks(reader: Any, writer: Any, described: bool = True) -> list[str]:
    return differences(canonical(json.dumps(reader)), canonical(json.dumps(writer)), described)


def closed(properties: dict[str, Any], **words: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False, **words}


TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
LIST = {"type": "array"}
OBJECT = {"type": "object"}
A_B = [closed({"kind": {"const": kind}, kind: TEXT}, required=["kind"]) for kind in ("a", "b")]


@pytest.mark.parametrize(
    ("wider", "narrower"),
    [
        ({}, TEXT),
        (True, {"not": {}}),
        ({"type": "number"}, WHOLE),
        ({"type": ["string", "null"]}, TEXT),
        ({"anyOf": [TEXT, {"type": "null"}]}, TEXT),
        ({"enum": ["a", "b"]}, {"const": "a"}),
        (TEXT, {"enum": ["a", "b"]}),
        ({"type": ["boolean", "null"]}, {"type": "boolean"}),
        ({"type": "number", "minimum": 0}, {"type": "number", "exclusiveMinimum": 0}),
        ({"type": "integer", "maximum": 9}, {"type": "integer", "exclusiveMaximum": 9}),
        ({"type": "integer", "maximum": 9}, {"type": "integer", "maximum": 8.5}),
        ({"type": "number", "multipleOf": 0.1}, {"type": "number", "multipleOf": 0.2}),
        (WHOLE, {"type": "integer", "multipleOf": 5}),
        ({"type": "string", "minLength": 1}, {"type": "string", "minLength": 2}),
        ({"type": "string", "maxLength": 2}, {"type": "string", "maxLength": 1}),
        (TEXT, {"type": "string", "pattern": "^a"}),
        (TEXT, {"type": "string", "format": "date"}),
        (LIST, {"type": "array", "items": TEXT}),
        ({"type": "array", "items": [WHOLE]}, {"type": "array", "items": [WHOLE, TEXT], "additionalItems": False}),
        ({"type": "array", "items": [TEXT], "additionalItems": TEXT}, {"type": "array", "items": TEXT, "minItems": 1}),
        ({"type": "array", "maxItems": 2}, {"type": "array", "items": [TEXT], "additionalItems": False}),
        (LIST, {"type": "array", "uniqueItems": True}),
        ({"type": "array", "contains": TEXT}, {"type": "array", "items": TEXT, "minItems": 1}),
        (OBJECT, {"type": "object", "required": ["a"]}),
        ({"type": "object", "minProperties": 1}, {"type": "object", "required": ["a"]}),
        ({"type": "object", "maxProperties": 1}, closed({"a": TEXT})),
        (OBJECT, closed({"a": TEXT})),
        (OBJECT, {"type": "object", "properties": {"a": TEXT}}),
        (closed({"a": TEXT, "b": TEXT}), closed({"a": TEXT})),
        ({"type": "object", "properties": {"a": TEXT}, **MORE}, {"type": "object", "additionalProperties": TEXT}),
        ({"type": "object", "additionalProperties": TEXT}, closed({"a": TEXT})),
        ({"type": "object", "patternProperties": {"^a": TEXT}}, closed({"ab": TEXT, "b": WHOLE})),
        ({"type": "object", "propertyNames": {"maxLength": 1}}, closed({"a": TEXT})),
        ({"dependencies": {"a": ["b"]}}, closed({"a": TEXT, "b": TEXT}, required=["b"])),
        ({"dependencies": {"a": {"required": ["b"]}}}, closed({"b": TEXT})),
        ({"allOf": [{"type": "number"}, {"minimum": 0}]}, {"type": "integer", "minimum": 1}),
        ({"type": "integer", "minimum": 0}, {"allOf": [WHOLE, {"minimum": 0}, {"maximum": 5}]}),
        ({"anyOf": [TEXT, WHOLE, {"type": "null"}]}, {"anyOf": [WHOLE, TEXT]}),
        ({"oneOf": [TEXT, WHOLE]}, {"type": "string", "maxLength": 3}),
        ({"oneOf": A_B}, A_B[0]),
        ({"oneOf": [*A_B, closed({"kind": {"const": "c"}}, required=["kind"])]}, {"oneOf": A_B}),
        ({"not": TEXT}, WHOLE),
        ({"not": {"minimum": 5}}, {"type": "integer", "maximum": 4}),
        ({"if": TEXT, "then": {"minLength": 1}, "else": WHOLE}, {"type": ["string", "integer"], "minLength": 2}),
        ({"type": ["string", "integer"]}, {"if": TEXT, "then": {"minLength": 1}, "else": WHOLE}),
    ],
)
def test_the_wider_schema_reads_the_narrower_and_not_the_other_way(wider: Any, narrower: Any) -> None:
    assert breaks(wider, narrower) == []
    assert breaks(narrower, wider) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"title": "a", "description": "b", "default": 1, "$comment": "c", "examples": [1]}, {"title": "z"}),
        ({"definitions": {"t": TEXT}, "$ref": "#/definitions/t"}, TEXT),
        ({"$defs": {"t": TEXT}, "items": {"$ref": "#/$defs/t"}}, {"items": TEXT}),
        ({"definitions": {"t": {"$id": "#text", **TEXT}}, "items": {"$ref": "#text"}}, {"items": TEXT}),
        ({"$id": "http://a.b/s", "definitions": {"t": TEXT}, "items": {"$ref": "s#/definitions/t"}}, {"items": TEXT}),
        ({"type": ["boolean", "null"]}, {"enum": [True, False, None]}),
        ({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": 1}),
        ({"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 0, "exclusiveMinimum": True},
         {"exclusiveMinimum": 0}),
        ({"$schema": "http://json-schema.org/draft-04/schema#", "const": 4}, {}),
        ({"anyOf": [TEXT, WHOLE]}, {"type": ["integer", "string"]}),
        ({"anyOf": [{"const": 1}, {"const": 2}]}, {"enum": [2, 1]}),
    ],
)  # fmt: skip
def test_schemas_that_say_the_same_read_each_other(one: Any, other: Any) -> None:
    assert breaks(one, other) == []
    assert breaks(other, one) == []


@pytest.mark.parametrize(
    ("reader", "writer", "told"),
    [
        (closed({"a": {"properties": {"b/c": TEXT}}}), closed({"a": OBJECT}), "#/properties/a/properties/b~1c:"),
        ({"items": TEXT}, {"type": "array", "items": WHOLE}, "#/items: the reader does not accept integer"),
        (closed({"a": TEXT}), closed({"b": TEXT}), "#/properties/b: the reader allows nothing here"),
        ({"type": "object", "required": ["a"]}, OBJECT, '#: the reader requires "a", the writer does not'),
        ({"pattern": "^a+$"}, {"type": "string", "pattern": "^a$"}, "cannot be decided"),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, '#: the writer\'s value "b" is not accepted'),
        ({"properties": {"a": TEXT}}, OBJECT, "#/properties/a: the reader does not accept array, boolean,"),
        ({"oneOf": [TEXT, {"maxLength": 3}]}, {"type": "string", "maxLength": 3}, "#/oneOf: it cannot be decided"),
    ],
)  # fmt: skip
def test_a_difference_names_its_place(reader: Any, writer: Any, told: str) -> None:
    assert any(told in one for one in breaks(reader, writer))


def test_recursive_schemas_are_followed_to_their_end() -> None:
    def tree(value: Any) -> Any:
        node = closed({"value": value, "children": {"type": "array", "items": {"$ref": "#"}}}, required=["value"])
        return {"$schema": "http://json-schema.org/draft-07/schema#", **node}

    assert breaks(tree({"type": "number"}), tree(WHOLE)) == []
    assert breaks(tree(WHOLE), tree({"type": "number"})) == ["#/properties/value: the reader does not accept number"]


def test_a_comparison_that_would_not_end_is_given_up() -> None:
    intricate = "#: cannot be decided: the schemas are too intricate to compare"
    assert breaks({"pattern": "^(a|aa)+$"}, {"const": "a" * 60 + "b"}) == [intricate]
    many = {"patternProperties": {f"^{number}": {"minimum": number} for number in range(40)}}
    assert breaks({"additionalProperties": WHOLE}, {"allOf": [many, many]}) == [intricate]


def test_a_reference_to_what_is_no_schema_elsewhere_changes_nothing_there() -> None:
    reader = {"properties": {"a": TEXT}, "items": {"$ref": "#/properties"}}
    assert breaks(reader, {"type": ["object", "array"], "properties": {"a": WHOLE}}) == [
        "#/properties/a: the reader does not accept integer"
    ]
    assert breaks(reader, reader) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "it is not JSON"),
        ('{"minimum": NaN}', "NaN is no number"),
        ('{"minimum": 1e999}', "too large"),
        ('{"title": "\\ud800"}', "it is not JSON"),
        ("[]", "an object, true or false"),
        ('{"type": "text"}', "'text' is not valid under any of the given schemas at #/type"),
        ('{"required": "a"}', "at #/required"),
        ('{"properties": {"a": {"pattern": "("}}}', "pattern '('"),
        ('{"$ref": "http://elsewhere.example/s.json"}', "not fetched"),
        ('{"$ref": "file:///etc/passwd"}', "'file:///etc/passwd' names no schema inside it"),
        ('{"items": {"$ref": "#/definitions/gone"}}', "#/definitions/gone"),
        ('{"$ref": "#/kept", "kept": {"type": 3}}', "3 is not valid"),
        ('{"$ref": "#"}', "back to itself"),
        ('{"anyOf": [{"type": "null"}, {"$ref": "#"}]}', "back to itself"),
        ('{"$schema": "https://json-schema.org/draft/2020-12/schema"}', "is not of draft 4, 6 or 7"),
        (
            '{"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 1, "exclusiveMinimum": 1}',
            "is not of type",
        ),
        ('{"not":' * 100 + "{}" + "}" * 100, "nested deeper than 64"),
        ("[" * 100_000, "it is not JSON"),
    ],
)
def test_what_is_no_schema_is_refused(text: str, told: str) -> None:
    with pytest.raises(InvalidSchema, match="Schema definition of JSON data format is invalid") as refused:
        canonical(text)
    assert told in str(refused.value)


def test_a_schema_as_deep_as_allowed_is_taken() -> None:
    deep = canonical('{"not":' * 63 + "{}" + "}" * 63)
    assert differences(deep, deep) == []


def test_equal_schemas_have_one_spelling() -> None:
    spelled = canonical('{ "type":"number",\n "minimum": 1.0, "title": "\\u00e4" }')
    assert spelled == '{"minimum":1,"title":"ä","type":"number"}'


SCALARS = st.sampled_from([None, True, False, 0, 1, 2, 1.5, "", "a", "ab"])
NAMES = st.sampled_from(["a", "ab", "b"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=5
)
KINDS = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
SMALL = st.integers(0, 2)


def one_of_words(words: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    return st.one_of(*(st.tuples(st.just(word), value) for word, value in words.items()))


def schemas() -> st.SearchStrategy[Any]:
    def wider(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        lists = st.lists(inner, min_size=1, max_size=2)
        words: dict[str, st.SearchStrategy[Any]] = {
            "properties": st.dictionaries(NAMES, inner, max_size=2),
            "patternProperties": st.dictionaries(st.sampled_from(["^a", "b$"]), inner, max_size=1),
            "required": st.lists(NAMES, max_size=2, unique=True),
            "dependencies": st.dictionaries(NAMES, inner | st.lists(NAMES, max_size=1), max_size=1),
            "items": inner | lists,
            "type": KINDS | st.lists(KINDS, min_size=1, unique=True),
            "$ref": st.just("#/definitions/again"),
        }
        words |= dict.fromkeys(["additionalProperties", "additionalItems"], st.booleans() | inner)
        words |= dict.fromkeys(["contains", "propertyNames", "not", "if", "then", "else"], inner)
        words |= dict.fromkeys(["allOf", "anyOf", "oneOf"], lists)
        return st.lists(one_of_words(words), max_size=3).map(dict)

    numbers = dict.fromkeys(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"], SMALL | st.just(0.5))
    sizes = dict.fromkeys([f"{end}{of}" for end in ("min", "max") for of in ("Length", "Items", "Properties")], SMALL)
    plain = {**numbers, **sizes, "enum": st.lists(VALUES, min_size=1, max_size=3), "const": VALUES}
    plain |= {"type": KINDS, "uniqueItems": st.booleans(), "multipleOf": st.integers(1, 3), "pattern": st.just("^a")}
    leaf = st.booleans() | one_of_words(plain).map(lambda pair: dict([pair]))
    return st.recursive(leaf, wider, max_leaves=5)


SCHEMAS = schemas()  # once: it takes long to make


@st.composite
def whole_schemas(draw: st.DrawFn) -> Any:
    """With a definition that leads back only through a property or an item."""
    again = {draw(st.sampled_from(["items", "additionalProperties"])): draw(st.just({"$ref": "#"}) | SCHEMAS)}
    root = draw(SCHEMAS)
    return {"allOf": [root], "definitions": {"again": {**again, "type": draw(KINDS)}}}


def endless(schema: Any) -> bool:
    try:
        canonical(json.dumps(schema))
    except InvalidSchema as refused:
        return "back to itself" in str(refused)
    return False


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    """Two schemas with something in common, as versions of one have."""
    one, other = draw(whole_schemas()), draw(whole_schemas())
    ways = [
        (one, other),
        ({**one, "anyOf": one["allOf"] + other["allOf"], "allOf": []}, one),
        ({**one, "allOf": other["allOf"]}, {**one, "allOf": one["allOf"] + other["allOf"]}),
        ({**one, "allOf": [{"oneOf": one["allOf"] + other["allOf"]}]}, one),
        (one, {**one, "allOf": [{"anyOf": one["allOf"] + other["allOf"]}]}),
    ]
    reader, writer = draw(st.sampled_from(ways))
    return tuple({word: inner for word, inner in one.items() if inner} for one in (reader, writer))  # type: ignore[return-value]


def test_a_writer_writes_what_it_describes_unless_it_says_that_there_may_be_more() -> None:
    old, new = {"properties": {"a": TEXT}}, {"properties": {"a": TEXT, "b": WHOLE}}
    assert breaks(new, old) == []
    assert breaks(new, old, described=False) == [
        "#/properties/b: the reader does not accept array, boolean, null, number, object, string"
    ]
    assert breaks(new, {**old, "additionalProperties": True}) != []
    assert breaks({**new, "required": ["b"]}, old) == ['#: the reader requires "b", the writer does not']
    assert breaks(closed({"a": TEXT}), old | {"type": "object"}) == []
    assert breaks(closed({"a": TEXT}), new | {"type": "object"}) == ["#/properties/b: the reader allows nothing here"]
    assert breaks(new, {"patternProperties": {"b": TEXT}, **old}) != []


@given(pairs(), st.lists(VALUES, min_size=5, max_size=15))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_reader_without_differences_accepts_all_that_the_writer_accepts(
    both: tuple[Any, Any], values: list[Any]
) -> None:
    reader, writer = both
    if endless(reader) or endless(writer) or breaks(reader, writer, described=False):
        return
    written = [value for value in values if Draft7Validator(writer).is_valid(value)]
    assert [value for value in written if not Draft7Validator(reader).is_valid(value)] == []


@given(whole_schemas())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_each_schema_reads_itself_and_its_spelling_is_final(schema: Any) -> None:
    if not endless(schema):
        text = canonical(json.dumps(schema))
        assert canonical(text) == text
        assert differences(text, text) == []
