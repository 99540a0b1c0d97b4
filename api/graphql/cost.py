"""What an operation may cost: the values that it could list, reckoned by the schema before anything is read.

What it really lists is counted as well, as it runs: `limits.MOST_NODES`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from strawberry.extensions import SchemaExtension

from api.graphql.connections import FIRST, MOST
from api.graphql.limits import limit_exceeded

MOST_VALUES = 150_000  # about 7 µs each: a second
WHOLE = 10  # how long a list that comes whole is taken to be: a table's columns, a run's stages


class CostLimit(SchemaExtension):
    """Refuses an operation that could list more than MOST_VALUES."""

    def on_execute(self) -> Iterator[None]:
        asked = self.execution_context
        document, schema = asked.graphql_document, asked.schema._schema
        values = cost(schema, document, asked.variables or {}, asked.operation_name) if document else 0
        if values > MOST_VALUES:
            why = f"The operation may list {values:,} values; {MOST_VALUES:,} are allowed. Ask for fewer with `first`."
            asked.result = ExecutionResult(None, [limit_exceeded(why)])
        yield


def cost(schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any], name: str | None = None) -> int:
    """How many values a valid document's operation, the one of this name if there are several, may list at most."""
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    reckoning = _Reckoning(schema, fragments, variables)
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode) and name in (None, operation.name and operation.name.value):
            root = schema.get_root_type(operation.operation)
            return reckoning.of(operation.selection_set, root) if root else 0
    return 0


@dataclass
class _Reckoning:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    known: dict[str, int] = field(default_factory=dict)

    def of(self, selections: SelectionSetNode | None, parent: GraphQLNamedType | None) -> int:
        return sum(self._each(each, parent) for each in selections.selections) if selections else 0

    def _each(self, selection: SelectionNode, parent: GraphQLNamedType | None) -> int:
        match selection:
            case FieldNode():
                found = getattr(parent, "fields", {}).get(selection.name.value)  # none of introspection's
                return self._field(selection, found, parent) if found else 0
            case FragmentSpreadNode():
                return self._fragment(selection.name.value)
            case InlineFragmentNode(type_condition=condition):
                kind = self.schema.get_type(condition.name.value) if condition else parent
                return self.of(selection.selection_set, kind)
        return 0

    def _fragment(self, name: str) -> int:
        """Reckoned once: where each spreads the next one twice, the time would otherwise double with each."""
        if name not in self.known:
            fragment = self.fragments[name]
            kind = self.schema.get_type(fragment.type_condition.name.value)
            self.known[name] = self.of(fragment.selection_set, kind)
        return self.known[name]

    def _field(self, node: FieldNode, field: GraphQLField, parent: GraphQLNamedType | None) -> int:
        kind = get_named_type(field.type)
        return 1 + self._length(node, field, kind, parent) * self.of(node.selection_set, kind)

    def _length(
        self, node: FieldNode, field: GraphQLField, kind: GraphQLNamedType, parent: GraphQLNamedType | None
    ) -> int:
        if kind.name.endswith("Connection") and "first" in field.args:
            return self._first(node)
        of_connection = parent is not None and parent.name.endswith("Connection")  # its edges: `first` has counted them
        return WHOLE if is_list_type(get_nullable_type(field.type)) and not of_connection else 1

    def _first(self, node: FieldNode) -> int:
        given = next((each.value for each in node.arguments or () if each.name.value == "first"), None)
        match given:
            case IntValueNode(value=digits):
                length: object = int(digits)
            case VariableNode(name=variable):
                length = self.variables.get(variable.value, FIRST)
            case _:
                length = FIRST
        return max(0, min(length, MOST)) if isinstance(length, int) else MOST
