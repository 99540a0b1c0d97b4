"""JSON Patches: what they make of a document."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.registry.patches import patch

documents = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "~/"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b/c", "d~e", ""]), inner),
    max_leaves=12,
)


@settings(deadline=None)
@given(documents, documents)
def test_a_patch_makes_the_second_document_of_the_first(old: Any, new: Any) -> None:
    made = [json.loads(json.dumps(old))]
    for operation in patch(old, new):
        *way, last = [0, *(part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:])]
        inside: Any = made
        for part in way:
            inside = inside[int(part)] if isinstance(inside, list) else inside[part]
        at = int(last) if isinstance(inside, list) else last
        if operation["op"] == "remove":
            del inside[at]
        elif operation["op"] == "add" and isinstance(inside, list):
            inside.insert(at, operation["value"])
        else:
            inside[at] = operation["value"]
    assert json.dumps(made[0], sort_keys=True) == json.dumps(new, sort_keys=True)
