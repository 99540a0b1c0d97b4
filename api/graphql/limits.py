"""What a document may ask for: tokens and brackets before it is parsed, depth and aliases after, nodes as it runs.

What an operation may cost is reckoned in `cost`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSyntaxError,
    Lexer,
    OperationDefinitionNode,
    SelectionSetNode,
    Source,
    Token,
    TokenKind,
    ValidationContext,
    ValidationRule,
)

LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
MOST_BYTES = 1_000_000
KEPT_DOCUMENTS = 64  # known by their text; one has a megabyte at most
MOST_TOKENS = 1_000  # the check for fields that clash takes time that is quadratic in them: 5.5 s for 5,000
DEEPEST = 12
MOST_ALIASES = 30
MOST_REPEATS = 30  # of a name in one place: of a field, or `on` before the types of a union
MOST_NODES = 10_000
_DEEPEST_TEXT = 60  # brackets of any kind; the parser calls itself several times for each

_OPENING = (TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L)
_SIGNS = (TokenKind.COLON, TokenKind.AT, TokenKind.DOLLAR)
_CLOSING = (TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R)


class TooManyNodes(BaseException):
    """Ends an operation as a whole: as an ordinary exception it would be told again for each node that is left."""


def limit_exceeded(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": LIMIT_EXCEEDED})


@lru_cache(maxsize=KEPT_DOCUMENTS)
def check_text(document: str) -> None:
    """Raises GraphQLError for a document of too many tokens, too deep brackets or a field too often repeated; a text
    that is no document passes, and so does at once one that has passed."""
    lexer = Lexer(Source(document))
    tokens = 0
    open_brackets: list[Counter[str]] = []  # each with the names directly inside it
    try:
        while (token := lexer.advance()).kind is not TokenKind.EOF:
            tokens += 1
            if tokens > MOST_TOKENS:
                raise limit_exceeded(f"The document has more than {MOST_TOKENS} tokens.")
            if token.kind in _OPENING:
                open_brackets.append(Counter())
                if len(open_brackets) > _DEEPEST_TEXT:
                    raise limit_exceeded(f"The document nests more than {_DEEPEST_TEXT} brackets.")
            elif token.kind in _CLOSING and open_brackets:
                open_brackets.pop()
            elif token.kind is TokenKind.NAME and open_brackets:
                _count(token, open_brackets[-1])
    except GraphQLSyntaxError:
        return  # the parser tells it better


def _count(name: Token, beside: Counter[str]) -> None:
    """Take down a name among those beside it; what stands behind a sign says something of another name."""
    if name.prev is not None and name.prev.kind in _SIGNS:
        return
    said = name.value or ""
    beside[said] += 1
    if beside[said] > MOST_REPEATS:
        raise limit_exceeded(f"The document says {said} more than {MOST_REPEATS} times in one place.")


class Limits(ValidationRule):
    """Depth and number of aliases, with each fragment counted wherever it is spread.

    A fragment is measured once: where each spreads the next one twice, the time would otherwise double with each.
    """

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        definitions = context.document.definitions
        fragments = {each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)}
        measure = _Measure(fragments)
        for operation in definitions:
            if isinstance(operation, OperationDefinitionNode):
                depth, aliases = measure.of(operation.selection_set)
                if depth > DEEPEST:
                    self.report_error(limit_exceeded(f"The query is {depth} fields deep; {DEEPEST} are allowed."))
                if aliases > MOST_ALIASES:
                    self.report_error(limit_exceeded(f"The query has {aliases} aliases; {MOST_ALIASES} are allowed."))


class _Measure:
    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self.fragments = fragments
        self.known: dict[str, tuple[int, int]] = {}

    def of(self, selections: SelectionSetNode | None) -> tuple[int, int]:
        """Depth of fields and number of aliases below; introspection counts for neither (it has a rule of its own)."""
        measured = list(self._each(selections)) if selections else []
        return max((depth for depth, _ in measured), default=0), sum(aliases for _, aliases in measured)

    def _each(self, selections: SelectionSetNode) -> Iterator[tuple[int, int]]:
        for selection in selections.selections:
            if isinstance(selection, FragmentSpreadNode):
                yield self._fragment(selection.name.value)
            elif not isinstance(selection, FieldNode):
                yield self.of(getattr(selection, "selection_set", None))
            elif not selection.name.value.startswith("__"):
                depth, aliases = self.of(selection.selection_set)
                yield depth + 1, aliases + (selection.alias is not None)

    def _fragment(self, name: str) -> tuple[int, int]:
        if name not in self.known:
            self.known[name] = (0, 0)  # a circle is refused by a rule of its own
            definition = self.fragments.get(name)
            self.known[name] = self.of(definition.selection_set) if definition else (0, 0)
        return self.known[name]
