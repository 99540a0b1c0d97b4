"""Schemas compared: numbered, so that thousands of equal ones cost one comparison. Pure.

Over 70% of the schemas of one table are alike, in at most five clusters; the figures are Glue's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crawlers.formats import Schema
from crawlers.inference import containment, merge, similarity
from crawlers.recognition import conflict

THRESHOLD = 0.7
MOST_CLUSTERS = 5
_HOPELESS = 50  # so many clusters will not come down to five


@dataclass(frozen=True)
class Verdict:
    """Whether schemas are alike enough for one table, by how much at least, and if not why."""

    together: bool
    likeness: float
    why: str = ""


class Schemas:
    """The schemas of one grouping. `examples` has for each number a file, or a folder, that has that schema."""

    def __init__(self) -> None:
        self.schemas: list[Schema] = []
        self.examples: dict[int, str] = {}
        self.numbers: dict[Schema, int] = {}
        self.identities: dict[int, int] = {}
        self.conflicts: dict[tuple[int, int], str | None] = {}
        self.likenesses: dict[tuple[int, int, bool], float] = {}

    def of(self, number: int) -> Schema:
        return self.schemas[number]

    def number(self, schema: Schema, example: str | None = None) -> int:
        number = self.identities.get(id(schema))
        if number is None:
            number = self.numbers.setdefault(schema, len(self.schemas))
            self.schemas.append(schema)  # an equal one too: kept alive, so that its identity stays its own
            self.identities[id(schema)] = number
        if example is not None:
            self.examples.setdefault(number, example)
        return number

    def merged(self, numbers: Iterable[int], example: str | None = None) -> int:
        distinct = list(dict.fromkeys(numbers))
        if len(distinct) == 1:
            return distinct[0]
        return self.number(merge([self.schemas[number] for number in distinct]), example)

    def conflict(self, a: int, b: int) -> str | None:
        """Why no one table can read both."""
        if a == b:
            return None
        if (a, b) not in self.conflicts:
            self.conflicts[a, b] = conflict(self.schemas[a], self.schemas[b])
        return self.conflicts[a, b]

    def likeness(self, a: int, b: int, growing: bool) -> float:
        pair = (min(a, b), max(a, b), growing)
        if pair not in self.likenesses:
            measure = containment if growing else similarity
            self.likenesses[pair] = measure(self.schemas[a], self.schemas[b])
        return self.likenesses[pair]

    def compare(self, numbers: Sequence[int], growing: bool, forced: bool) -> Verdict:
        """Whether schemas, one for each child of a folder, make one table; `forced`: likeness is ignored."""
        counts = Counter(numbers)
        clusters, least = self.clusters(list(counts), growing)
        weights = [sum(counts[number] for number in cluster) for cluster in clusters]
        share = max(weights) / len(numbers)
        order = sorted(range(len(clusters)), key=lambda at: -weights[at])
        main, *others = (clusters[at] for at in order)
        if forced or (share > THRESHOLD and len(clusters) <= MOST_CLUSTERS):
            return Verdict(True, min([least, *(self.closest(main, other, growing)[0] for other in others)]))
        return Verdict(False, least, self.told(len(clusters), share, self.closest(main, others[0], growing)))

    def closest(self, one: list[int], two: list[int], growing: bool) -> tuple[float, int, int]:
        """How alike the two most alike schemas of two clusters are, and which these are."""
        pairs = ((self.likeness(a, b, growing), a, b) for a in one[:_HOPELESS] for b in two[:_HOPELESS])
        return max(pairs, key=lambda pair: pair[0])

    def told(self, clusters: int, share: float, closest: tuple[float, int, int]) -> str:
        """Why clusters are not one table, with the two files of the largest two that come closest to it."""
        best, a, b = closest
        return (
            f"its columns are not like those beside it: {share:.0%} of the schemas are alike, in {clusters} "
            f"clusters, and over {THRESHOLD:.0%} in at most {MOST_CLUSTERS} are needed for one table; "
            f"{self.examples.get(b, 'one')} shares {best:.0%} of its columns with {self.examples.get(a, 'another')}"
        )

    def clusters(self, numbers: list[int], growing: bool) -> tuple[list[list[int]], float]:
        """Schemas chained by likeness, so that one that drifts from day to day stays together; and the weakest link."""
        clusters: list[list[int]] = []
        least = 1.0
        for number in numbers:
            linked: list[list[int]] = []
            for cluster in clusters:
                best = 0.0
                for other in reversed(cluster):
                    best = max(best, self.likeness(number, other, growing))
                    if best > THRESHOLD:
                        break
                if best > THRESHOLD:
                    linked.append(cluster)
                    least = min(least, best)
            clusters = [cluster for cluster in clusters if cluster not in linked]
            clusters.append([member for cluster in linked for member in cluster] + [number])
            if len(clusters) > _HOPELESS:
                break
        return clusters, least
