"""JSON Schema of drafts 4, 6 and 7 in the registry: one spelling, and whether one schema reads what another wrote."""

import json

from catalog.registry.json_documents import load, parse
from catalog.registry.json_subsets import Comparison
from catalog.registry.json_views import Undecided, View


def canonical(text: str) -> str:
    """Keys sorted, no white space, whole numbers without a point. Raises InvalidSchema."""
    load(text)
    return json.dumps(parse(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def differences(reader: str, writer: str, described: bool = True) -> list[str]:
    """Why not every value that `writer` accepts is accepted by `reader`; empty if it is.

    Both are texts that `canonical` took. Each difference begins with the place in the reader, a JSON pointer. It is
    decided by structure, on the safe side: what cannot be decided is a difference. A writer that describes properties
    and says nothing of others writes no others, as AWS has it, where an optional property may be added; unless
    `described` is False, or it says `additionalProperties`. Titles, descriptions and defaults do not matter; 1.0
    counts as an integer in each draft.
    """
    documents = load(reader), load(writer)
    targets = documents[0].targets | documents[1].targets
    try:
        return Comparison(targets, described).against(documents[0].root, View(targets, [documents[1].root]), "#")
    except (Undecided, RecursionError):
        return ["#: cannot be decided: the schemas are too intricate to compare"]
