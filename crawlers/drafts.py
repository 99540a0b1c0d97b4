"""A group of files as the table it asks for: the draft that is then reconciled with the catalog. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from catalog.model import Column, Parameters, Partition, SerDe, StorageDescriptor, Table
from catalog.names import unescape_partition_value
from crawlers.formats import Finding
from crawlers.grouping import Group, Leaf, split_name
from crawlers.inference import columns, is_by_position, key_names
from crawlers.model import Crawler, Target
from crawlers.places import FolderPath
from crawlers.recognition import layout
from crawlers.report import ColumnEvidence

CRAWLER = "UPDATED_BY_CRAWLER"
RUN = "CRAWL_RUN_ID"
DEPRECATED = "DEPRECATED_BY_CRAWLER"
SERIALIZER: Parameters = {"CrawlerSchemaSerializerVersion": "1.0", "CrawlerSchemaDeserializerVersion": "1.0"}
Findings = Mapping[FolderPath, Mapping[str, Finding]]


@dataclass(frozen=True)
class Draft:
    """The table and partitions that the data ask for, without a run's id; `why` says why they are one table.

    `sampled`: not every file was read. `fixed`: the table is in the catalog under this name, and keeps it. `manifest`:
    the folder of a Delta table, into which the list of its files is written when the draft is.
    """

    table: Table
    partitions: tuple[Partition, ...] = ()
    why: str = ""
    format: str = ""
    compression: str = ""
    by_position: bool = False
    sampled: bool = False
    files: int = 0
    size: int = 0
    records: int = 0
    records_sampled: int = 0
    notes: tuple[str, ...] = ()
    evidence: tuple[ColumnEvidence, ...] = ()
    fixed: bool = False
    manifest: str | None = None


@dataclass(frozen=True)
class _Figures:
    files: int
    size: int
    records: int

    def parameters(self) -> Parameters:
        return {
            "recordCount": str(self.records),
            "averageRecordSize": str(self.size // self.records if self.records else 0),
            "objectCount": str(self.files),
            "sizeKey": str(self.size),
        }


def location_of(root: str, group: Group) -> str:
    """The table's location: a folder with a slash at the end, or the one file."""
    folder = root + "".join(f"{name}/" for name in group.root)
    return folder if group.file is None else folder + group.file


def draft(name: str, location: str, group: Group, findings: Findings, crawler: Crawler, target: Target) -> Draft:
    keys = key_names(group.keys)
    form = layout(group.schema)
    found, notes = columns(group.schema, keys, form)
    read = [
        known[file.name]
        for leaf in group.leaves
        if (known := findings.get(leaf.path))
        for file in leaf.files
        if file.name in known
    ]
    density = _density(read)
    figures = [_figures(leaf, findings, density) for leaf in group.leaves]
    total = _Figures(*(sum(getattr(each, name) for each in figures) for name in ("files", "size", "records")))
    settings = _settings(group, crawler, target) | form.parameters
    storage = StorageDescriptor(
        columns=found,
        location=location,
        input_format=form.input_format,
        output_format=form.output_format,
        serde=SerDe(library=form.serde, parameters=form.serde_parameters),
        compressed=group.schema.trait("compression") != "none",
        parameters=settings | total.parameters(),
    )
    table = Table(
        database=crawler.database,
        name=name,
        storage=storage,
        partition_keys=tuple(Column(key, "string") for key in keys),
        parameters=storage.parameters,
    )
    partitions = _partitions(group, location, storage, settings, figures) if keys else ()
    if group.schema.classifiers:
        notes.append(f"its files are classified by {', '.join(group.schema.classifiers)}")
    if form.caveat:
        notes.append(form.caveat)
    if keys and len(partitions) < len(group.leaves):
        notes.append(f"{len(group.leaves) - len(partitions)} folders repeat the values of another, which alone is kept")
    return Draft(
        table,
        partitions,
        why=group.why,
        format=group.schema.classification,
        compression=group.schema.trait("compression"),
        by_position=is_by_position(group.schema.format),
        sampled=target.sample_size is not None,
        files=total.files,
        size=total.size,
        records=total.records,
        records_sampled=sum(finding.records for finding in read),
        notes=tuple(notes),
    )


def _settings(group: Group, crawler: Crawler, target: Target) -> Parameters:
    found = {
        **SERIALIZER,
        CRAWLER: crawler.name,
        "classification": group.schema.classification,
        "compressionType": group.schema.trait("compression"),
        "typeOfData": "file",
    }
    if target.exclusions:
        found["exclusions"] = json.dumps(list(target.exclusions))
    return found


def _density(findings: list[Finding]) -> float:
    """Records per stored byte over all files read."""
    stored = sum(finding.stored for finding in findings)
    return sum(finding.records for finding in findings) / stored if stored else 0.0


def _figures(leaf: Leaf, findings: Findings, density: float) -> _Figures:
    """Exact files and bytes of a folder, and the records estimated from what was read of it."""
    known = findings.get(leaf.path, {})
    size = unread = sum([file.size for file in leaf.files])
    records = 0.0
    for file in [file for file in leaf.files if file.name in known]:
        unread -= file.size
        finding = known[file.name]
        whole = finding.stored >= file.size
        records += finding.records if whole else finding.records * file.size / finding.stored
    return _Figures(len(leaf.files), size, round(records + unread * density))


def _partitions(
    group: Group, location: str, storage: StorageDescriptor, settings: Parameters, figures: list[_Figures]
) -> tuple[Partition, ...]:
    """One partition for each leaf; folders that spell one value in two ways (%41 and A) are one, the first."""
    found: dict[tuple[str, ...], Partition] = {}
    for leaf, each in zip(group.leaves, figures, strict=True):
        values = partition_values(leaf.path[len(group.root) :])
        # Figures stay out of the storage descriptor, so that the catalog can keep one for all partitions.
        parameters = settings | each.parameters()
        place = location + "".join(f"{name}/" for name in leaf.path[len(group.root) :])
        found.setdefault(values, Partition(values, replace(storage, location=place, parameters=settings), parameters))
    return tuple(found.values())


def partition_values(folders: FolderPath) -> tuple[str, ...]:
    """The values that partition folders stand for: unescaped after `k=`, as they are for plain folders."""
    return tuple(
        unescape_partition_value(value) if key is not None else value for key, value in map(split_name, folders)
    )
