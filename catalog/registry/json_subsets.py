"""Whether every value that the writer's JSON Schemas accept is accepted by the reader's, decided by structure.

Each word of the reader is held against all that is known of the writer's values (a View). Where that is not enough
and the writer has a choice (anyOf, oneOf, if, several types), each branch of it is tried by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import chain
from typing import Any

from catalog.registry.json_documents import Node
from catalog.registry.json_values import acceptance
from catalog.registry.json_views import Undecided, View, followed, item_node, limit, property_nodes, spelled, types_of

_MOST_STEPS = 20_000
_MOST_PAIRS = 1_000_000
_DEEPEST = 60
_SIZES = {"Length": "string", "Items": "array", "Properties": "object"}
_CHOICES = frozenset(["anyOf", "oneOf", "not", "if", "enum", "const"])
_EQUAL = ("pattern", "format", "contentEncoding", "contentMediaType")


class Comparison:
    """One comparison, with what is assumed in its course: a recursive schema is taken up once for each value.

    An assumption may be used only further inside the value than where it was made: the value is smaller there. If
    `described`, objects of a writer that describes properties, and says nothing of others, have no others.
    """

    def __init__(self, targets: Mapping[int, Node], described: bool) -> None:
        self._targets = targets
        self._described = described
        self._accepts = acceptance(targets)
        self._assumed: dict[tuple[int, object], int] = {}
        self._steps = self._pairs = 0
        self._rules = (
            *(self._listed, self._types, self._limits, self._multiples, self._sizes, self._texts, self._unique),
            *(self._required, self._properties, self._names, self._dependencies, self._items, self._contains),
            *(self._all_of, self._any_of, self._one_of, self._negated, self._conditional),
        )

    def against(self, reader: Node, view: View, at: str) -> list[str]:
        """Why not all of `view` is accepted by `reader`; `at` is the reader's place. Raises Undecided."""
        reader = followed(reader, self._targets)
        if reader is True or view.empty or any(self._same(reader, part) for part in view.parts):
            return []
        key = (id(reader), view.key)
        if key in self._assumed:
            return [] if view.level > self._assumed[key] else [f"{at}: cannot be decided"]
        self._steps += 1
        if self._steps > _MOST_STEPS or len(self._assumed) > _DEEPEST:
            raise Undecided
        self._assumed[key] = view.level
        try:
            return self._decided(reader, view, at)
        finally:
            del self._assumed[key]

    def _decided(self, reader: Node, view: View, at: str) -> list[str]:
        if view.values is not None:
            refused = [value for value in self._possible_values(view) if not self._accepts(reader, value)]
            return [f"{at}: the writer's value {spelled(value)} is not accepted" for value in refused]
        if reader is False:
            found = [f"{at}: the reader allows nothing here"]
        else:
            found = list(chain.from_iterable(rule(reader, view, at) for rule in self._rules))
        if not found:
            return []
        branches = view.branches(by_type=reader is not False and not _CHOICES.isdisjoint(reader))
        if not branches:
            return found
        return list(dict.fromkeys(chain.from_iterable(self.against(reader, branch, at) for branch in branches)))

    def _possible_values(self, view: View) -> list[Any]:
        return [one for one in view.values or [] if all(self._accepts(part, one) for part in view.parts)]

    def _impossible(self, view: View, deeper: int = 3) -> bool:
        """True if it can be seen that `view` accepts nothing."""
        if view.empty:
            return True
        if view.values is not None:
            return not self._possible_values(view)
        if self._out_of_bounds(view):
            return True
        if any("not" in part and not self.against(part["not"], view, "") for part in view.parts):
            return True
        if deeper == 0:
            return False
        needed = [view.member(name) for name in sorted(view.required)] if view.types == {"object"} else []
        if any(self._impossible(member, deeper - 1) for member in needed):
            return True
        branches = view.branches(by_type=False)
        return bool(branches) and all(self._impossible(branch, deeper - 1) for branch in branches)

    def _out_of_bounds(self, view: View) -> bool:
        if view.types <= {"integer", "fraction"}:
            low, high = view.limit(1), view.limit(-1)
            return low is not None and high is not None and low[0] + high[0] > 0
        sizes = [
            (view.size(f"min{what}"), view.size(f"max{what}")) for what, of in _SIZES.items() if view.types == {of}
        ]
        return any(least is not None and most is not None and least > most for least, most in sizes)

    def _same(self, one: Any, other: Any) -> bool:
        """True if two nodes, or parts of nodes, say the same in the same words."""
        pairs, seen = [(one, other)], set()
        while pairs:
            mine, theirs = (followed(node, self._targets) for node in pairs.pop())
            if mine is theirs or (id(mine), id(theirs)) in seen:
                continue
            if type(mine) is not type(theirs) or not isinstance(mine, dict | list):
                if type(mine) is not type(theirs) or mine != theirs:
                    return False
                continue
            seen.add((id(mine), id(theirs)))
            self._pairs += 1
            if self._pairs > _MOST_PAIRS:
                raise Undecided
            if isinstance(mine, dict):
                if mine.keys() != theirs.keys():
                    return False
                pairs += [(mine[word], theirs[word]) for word in mine]
            else:
                if len(mine) != len(theirs):
                    return False
                pairs += zip(mine, theirs, strict=True)
        return True

    def _word_as_in(self, words: tuple[str, ...], reader: dict[str, Any], view: View) -> bool:
        mine = {word: reader[word] for word in words if word in reader}
        theirs = [{word: part[word] for word in words if word in part} for part in view.parts]
        return any(self._same(mine, other) for other in theirs)

    def _listed(self, reader: dict[str, Any], _view: View, at: str) -> list[str]:
        if "enum" in reader or "const" in reader:
            return [f"{at}: the reader lists the values it accepts, the writer does not"]
        return []

    def _types(self, reader: dict[str, Any], view: View, at: str) -> list[str]:
        wrong = {"number" if name == "fraction" else name for name in view.types - types_of(reader)}
        return [f"{at}: the reader does not accept {', '.join(sorted(wrong))}"] if wrong else []

    def _limits(self, reader: dict[str, Any], view: View, at: str) -> list[str]:
        found: list[str] = []
        if view.types.isdisjoint({"integer", "fraction"}):
            return found
        for sign, word in ((1, "minimum"), (-1, "maximum")):
            mine, theirs = limit([reader], sign, whole="fraction" not in view.types), view.limit(sign)
            if mine is not None and (theirs is None or theirs < mine):
                found.append(f"{at}: the reader's {word} is stricter")
        return found

    def _multiples(self, reader: dict[str, Any], view: View, at: str) -> list[str]:
        if "multipleOf" not in reader or view.types.isdisjoint({"integer", "fraction"}):
            return []
        of = Fraction(repr(reader["multipleOf"]))
        known = [Fraction(repr(part["multipleOf"])) for part in view.parts if "multipleOf" in part]
        known += [] if "fraction" in view.types else [Fraction(1)]
        if any((one / of).denominator == 1 for one in known):
            return []
        return [f"{at}: the reader's multipleOf does not divide the writer's"]

    def _sizes(self, reader: dict[str, Any], view: View, at: str) -> list[str]:
        found = []
        for what, of in _SIZES.items():
            for side, sign in (("min", 1), ("max", -1)):
                word = f"{side}{what}"
                if word not in reader or of not in view.types or (side == "min" and reader[word] == 0):
                    continue
                theirs = view.size(word)
                if theirs is None or sign * theirs < sign * reader[word]:
                    found.append(f"{at}: the reader's {word} is stricter")
        return found

    def _texts(self, reader: dict[str, Any], view: View, at: str) -> list[str]:
        words = [word for word in _EQUAL if word in reader and "string" in view.types]
        missing = [word for word in words if not any(part.get(word) == reader[word] for part in view.parts)]
        return [f"{at}: the reader's {word} is not the writer's, and cannot be decided" for word in missing]

    def _unique(self, reader: dict[str, Any], view: View, at: str) -> list[str]:
        if not reader.get("uniqueItems") or "array" not in view.types:
            return []
        longest = view.size("maxItems")
        if any(part.get("uniqueItems") for part in view.parts) or (longest is not None and longest <= 1):
            return []
        return [f"{at}: the reader wants unique items, the writer does not"]

    def _required(self, reader: dict[str, Any], view: View, at: str) -> list[str]:
        if "object" not in view.types:
            return []
        missing = [name for name in reader.get("required", []) if name not in view.required]
        return [f"{at}: the reader requires {spelled(name)}, the writer does not" for name in missing]

    def _properties(self, reader: dict[str, Any], view: View, at: str) -> list[str]:
        words = ("properties", "patternProperties", "additionalProperties")
        if "object" not in view.types or reader.keys().isdisjoint(words):
            return []
        found: list[str] = []
        nodes = [reader, *view.parts]
        silent = self._described and view.describes
        for name in dict.fromkeys(chain.from_iterable(node.get("properties", {}) for node in nodes)):
            if silent and not view.names_property(name):
                continue
            for wanted in property_nodes(reader, name):
                found += self.against(wanted, view.member(name), f"{at}/properties/{_step(name)}")
        patterns = reader.get("patternProperties", {})
        for pattern, wanted in patterns.items():
            for way in view.others(pattern=pattern):
                found += self.against(wanted, way, f"{at}/patternProperties/{_step(pattern)}")
        if reader.get("additionalProperties", True) is not True and not silent:
            for way in view.others(without=patterns):
                found += self.against(reader["additionalProperties"], way, f"{at}/additionalProperties")
        return list(dict.fromkeys(found))

    def _names(self, reader: dict[str, Any], view: View, at: str) -> list[str]:
        if "propertyNames" not in reader or "object" not in view.types:
            return []
        wanted = reader["propertyNames"]
        if view.names is not None:
            refused = [name for name in view.names if not self._accepts(wanted, name)]
            return [f"{at}/propertyNames: the name {spelled(name)} is not accepted" for name in refused]
        known = view.text(part["propertyNames"] for part in view.parts if "propertyNames" in part)
        return self.against(wanted, known, f"{at}/propertyNames")

    def _dependencies(self, reader: dict[str, Any], view: View, at: str) -> list[str]:
        found: list[str] = []
        if "object" not in view.types:
            return found
        for name, wanted in reader.get("dependencies", {}).items():
            if view.member(name).empty:
                continue
            place = f"{at}/dependencies/{_step(name)}"
            known = [part.get("dependencies", {}).get(name, True) for part in view.parts]
            if isinstance(wanted, list):
                present = view.required.union(*(one for one in known if isinstance(one, list)))
                missing = [other for other in wanted if other not in present | {name}]
                found += [f"{place}: the writer does not require {spelled(other)} with it" for other in missing]
            else:
                held = view.plus(*(one for one in known if not isinstance(one, list)))
                found += self.against(wanted, held, place)
        return found

    def _items(self, reader: dict[str, Any], view: View, at: str) -> list[str]:
        if "array" not in view.types or "items" not in reader:
            return []
        found: list[str] = []
        listed = [node["items"] for node in (reader, *view.parts) if isinstance(node.get("items"), list)]
        longest = view.size("maxItems")
        for index in range(max(map(len, listed), default=0) + 1):
            if longest is None or index < longest:
                place = f"{at}/items/{index}" if listed else f"{at}/items"
                found += self.against(item_node(reader, index), view.item(index), place)
        return found

    def _contains(self, reader: dict[str, Any], view: View, at: str) -> list[str]:
        if "contains" not in reader or "array" not in view.types:
            return []
        known = [view.inside([part["contains"]]) for part in view.parts if "contains" in part]
        known += [view.item(0)] if (view.size("minItems") or 0) > 0 else []
        if any(not self.against(reader["contains"], one, at) for one in known):
            return []
        return [f"{at}/contains: the writer need not have such an item"]

    def _all_of(self, reader: dict[str, Any], view: View, at: str) -> list[str]:
        members = enumerate(reader.get("allOf", []))
        return [one for index, member in members for one in self.against(member, view, f"{at}/allOf/{index}")]

    def _any_of(self, reader: dict[str, Any], view: View, at: str) -> list[str]:
        if "anyOf" not in reader or self._word_as_in(("anyOf",), reader, view):
            return []
        if any(not self.against(member, view, at) for member in reader["anyOf"]):
            return []
        return [f"{at}/anyOf: none of the reader's choices accepts all that the writer writes"]

    def _one_of(self, reader: dict[str, Any], view: View, at: str) -> list[str]:
        if "oneOf" not in reader or self._word_as_in(("oneOf",), reader, view):
            return []
        for index, member in enumerate(reader["oneOf"]):
            others = reader["oneOf"][:index] + reader["oneOf"][index + 1 :]
            if not self.against(member, view, at) and all(self._impossible(view.plus(other)) for other in others):
                return []
        return [f"{at}/oneOf: it cannot be decided that exactly one of the reader's choices accepts each value"]

    def _negated(self, reader: dict[str, Any], view: View, at: str) -> list[str]:
        if (
            "not" not in reader
            or self._word_as_in(("not",), reader, view)
            or self._impossible(view.plus(reader["not"]))
        ):
            return []
        return [f"{at}/not: it cannot be decided that the writer writes nothing of the kind"]

    def _conditional(self, reader: dict[str, Any], view: View, at: str) -> list[str]:
        if "if" not in reader or self._word_as_in(("if", "then", "else"), reader, view):
            return []
        found: list[str] = []
        held = view.plus(reader["if"])
        if not self._impossible(held):
            found += self.against(reader.get("then", True), held, f"{at}/then")
        if self.against(reader["if"], view, at):
            found += self.against(reader.get("else", True), view, f"{at}/else")
        return found


def _step(name: str) -> str:
    """A step of a JSON pointer."""
    return spelled(name.replace("~", "~0").replace("/", "~1"))[1:-1]
