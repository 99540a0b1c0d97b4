"""How much of a source a sample looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from awsglue._formats import folded
from awsglue._plans import ReadPlan

_FEW = 10


@dataclass(frozen=True)
class Sample:
    """At most `num` records (None: all there are) of the first partitions, and of the first files of each."""

    num: int | None
    max_partitions: int = _FEW
    max_files: int = _FEW

    def of(self, plan: ReadPlan) -> ReadPlan:
        """The plan for the sample's files alone."""
        groups = plan.groups[: self.max_partitions]
        return replace(plan, groups=tuple(replace(group, files=group.files[: self.max_files]) for group in groups))


def parse_sample(num: Any, options: Mapping[str, Any]) -> Sample:
    """Of num and sample_options, whose numbers may be texts. ValueError for one that is no whole number from 1."""
    given = folded(dict(options))
    return Sample(
        None if num is None else _count("num", num),
        _count("maxSamplePartitions", given.get("maxsamplepartitions", _FEW)),
        _count("maxSampleFilesPerPartition", given.get("maxsamplefilesperpartition", _FEW)),
    )


def _count(name: str, value: Any) -> int:
    if not str(value).isdigit() or int(value) < 1:
        raise ValueError(f"{name} is {value!r}: it is a whole number, at least 1.")
    return int(value)
