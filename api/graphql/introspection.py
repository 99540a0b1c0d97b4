"""Whether the schema may be asked for by its own means; where it may not, GraphQL's editors cannot complete names."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import DocumentNode, ExecutionResult, FieldNode, GraphQLError, Visitor, visit
from strawberry.extensions import SchemaExtension

from api.graphql.context import Context

FORBIDDEN = "FORBIDDEN"
_OFF = "This service does not tell its schema: ISINGLASS_INTROSPECTION is off."


class IntrospectionSwitch(SchemaExtension):
    """Refuses an operation that asks for the schema where the context does not allow it."""

    def on_execute(self) -> Iterator[None]:
        asked = self.execution_context
        context: Context = asked.context
        if not context.introspection and asked.graphql_document and asks_for_schema(asked.graphql_document):
            asked.result = ExecutionResult(None, [GraphQLError(_OFF, extensions={"code": FORBIDDEN})])
        yield


def asks_for_schema(document: DocumentNode) -> bool:
    search = _Search()
    visit(document, search)
    return search.found


class _Search(Visitor):
    found = False

    def enter_field(self, node: FieldNode, *_place: object) -> None:
        self.found = self.found or node.name.value in ("__schema", "__type")
