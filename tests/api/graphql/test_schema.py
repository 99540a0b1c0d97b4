"""The schema as a whole: its printed form, and the conventions that every part of it keeps."""

from __future__ import annotations

import pytest
from graphql import GraphQLInterfaceType, GraphQLNonNull, GraphQLObjectType, build_schema

from api.graphql.schema import FINDERS, PRINTED, schema

BUILT = build_schema(PRINTED.read_text())
MUTATIONS = BUILT.mutation_type.fields if BUILT.mutation_type else {}


def object_type(name: str) -> GraphQLObjectType:
    found = BUILT.type_map[name]
    assert isinstance(found, GraphQLObjectType)
    return found


def test_the_printed_schema_is_the_code_s() -> None:
    assert PRINTED.read_text() == schema.as_str() + "\n", "renew it with: python -m api.graphql.schema"


def test_every_node_can_be_asked_for_by_its_id() -> None:
    interface = BUILT.type_map["Node"]
    assert isinstance(interface, GraphQLInterfaceType)
    assert {kind.name for kind in BUILT.get_implementations(interface).objects} == set(FINDERS)


@pytest.mark.parametrize("name", sorted(MUTATIONS))
def test_a_mutation_takes_one_input_and_answers_its_payload(name: str) -> None:
    mutation = MUTATIONS[name]
    title = name[0].upper() + name[1:]
    assert {key: str(argument.type) for key, argument in mutation.args.items()} == {"input": f"{title}Input!"}
    payload = object_type(str(mutation.type))
    assert payload.name == f"{title}Payload"
    assert [interface.name for interface in payload.interfaces] == ["Payload"]
    own = [field for key, field in payload.fields.items() if key != "userErrors"]
    assert not any(isinstance(field.type, GraphQLNonNull) for field in own)


@pytest.mark.parametrize(
    "name", sorted(name for name in MUTATIONS if name.startswith(("delete", "batchDelete", "reset")))
)
def test_what_destroys_can_be_tried(name: str) -> None:
    given = MUTATIONS[name].args["input"].type
    assert isinstance(given, GraphQLNonNull)
    assert "dryRun" in given.of_type.fields


@pytest.mark.parametrize("name", ["updateTable", "updateConnection", "updateJob", "updateCrawler", "updateClassifier"])
def test_an_update_can_expect_a_version(name: str) -> None:
    given = MUTATIONS[name].args["input"].type
    assert isinstance(given, GraphQLNonNull)
    assert "expectedVersion" in given.of_type.fields


def test_every_list_of_nodes_at_a_place_of_its_own_comes_in_parts() -> None:
    unpaged = [
        f"{kind.name}.{name}"
        for kind in BUILT.type_map.values()
        if isinstance(kind, GraphQLObjectType) and not kind.name.endswith("Connection")
        for name, field in kind.fields.items()
        if str(field.type).strip("[]!") in FINDERS and "[" in str(field.type)
    ]
    assert unpaged == ["BatchCreatePartitionPayload.partitions", "JobRun.attempts"]  # of which a run has at most 11
