"""The report of a crawl: what it saw, and what became of each table."""

from __future__ import annotations

from collections.abc import Sequence

import strawberry

from api.graphql.numbers import Figure, Long, figures
from api.graphql.storage import Column
from api.graphql.versions import Difference
from crawlers import report as core

strawberry.enum(core.Action, name="CrawlAction", description="What a crawl did with a table.")


@strawberry.type(description="A file or folder, and what is to be said of it.")
class Note:
    place: str
    reason: str


@strawberry.type(description="Files or folders that were left out.")
class Notes:
    total: int
    shown: list[Note] = strawberry.field(description="The first of them.")
    reasons: list[Figure] = strawberry.field(description="How many had which reason.")

    @classmethod
    def of(cls, notes: core.Notes) -> Notes:
        return cls(
            total=notes.total,
            shown=[Note(place=each.place, reason=each.reason) for each in notes.shown],
            reasons=figures(notes.reasons),
        )


@strawberry.type(description="The data files of a crawl's places.")
class CrawledFiles:
    seen: int
    read: int = strawberry.field(description="Those that were opened and recognised.")
    size: Long = strawberry.field(description="Bytes of all that were seen.")
    skipped: Notes
    failed: Notes = strawberry.field(description="Those that could not be read.")
    of_servers: int = strawberry.field(description="How many of those seen are tables and views of servers, not files.")


@strawberry.type(description="What the catalog gained, changed and lost.")
class Counts:
    added: int
    updated: int = strawberry.field(description="Deprecated ones are counted here.")
    deleted: int

    @classmethod
    def of(cls, counts: core.Counts) -> Counts:
        return cls(added=counts.added, updated=counts.updated, deleted=counts.deleted)


@strawberry.type(description="How many files, or values, ask for a type, with an example.")
class TypeVote:
    type: str
    count: int
    place: str = strawberry.field(description="The file of the example.")
    row: int | None = strawberry.field(description="Of a value: the record that it stands in, from 1.")
    value: str | None = strawberry.field(description="The value itself, cut after 80 signs.")

    @classmethod
    def all(cls, votes: Sequence[core.Vote]) -> list[TypeVote]:
        return [cls(type=v.type, count=v.count, place=v.place, row=v.row, value=v.value) for v in votes]


@strawberry.type(description="Why a column has its type.")
class ColumnEvidence:
    name: str
    type: str
    by_files: list[TypeVote] = strawberry.field(description="The votes of all files that were read, most first.")
    by_values: list[TypeVote] = strawberry.field(
        description="In a plan: the votes of the values in the files that `byFiles` gives as examples."
    )

    @classmethod
    def of(cls, evidence: core.ColumnEvidence) -> ColumnEvidence:
        return cls(
            name=evidence.name,
            type=evidence.type,
            by_files=TypeVote.all(evidence.by_files),
            by_values=TypeVote.all(evidence.by_values),
        )


@strawberry.type(description="What a crawl found of one table, and did with it.")
class TableReport:
    database: str
    name: str
    location: str
    action: core.Action
    why: str = strawberry.field(description="One sentence on why these files are this table.")
    format: str
    compression: str
    columns: list[Column]
    partition_keys: list[Column]
    partitions: int
    files: int
    size: Long = strawberry.field(description="Bytes.")
    records: Long = strawberry.field(description="An estimate from `recordsSampled`.")
    records_sampled: Long
    partition_changes: Counts
    differences: list[Difference] = strawberry.field(description="Between the definition that was there and the new.")
    notes: list[str]
    evidence: list[ColumnEvidence] = strawberry.field(description="Of the data columns, the first thousand.")

    @classmethod
    def of(cls, table: core.TableReport) -> TableReport:
        return cls(
            database=table.database,
            name=table.name,
            location=table.location,
            action=table.action,
            why=table.why,
            format=table.format,
            compression=table.compression,
            columns=Column.all(table.columns),
            partition_keys=Column.all(table.partition_keys),
            partitions=table.partitions,
            files=table.files,
            size=Long(table.size),
            records=Long(table.records),
            records_sampled=Long(table.records_sampled),
            partition_changes=Counts.of(table.partition_changes),
            differences=Difference.all(table.differences),
            notes=list(table.notes),
            evidence=[ColumnEvidence.of(each) for each in table.evidence],
        )


@strawberry.type(description="What a crawl saw and did.")
class CrawlReport:
    database: str
    dry_run: bool
    written: bool = strawberry.field(description="False for a dry run, and where nothing had to change.")
    files: CrawledFiles
    tables: list[TableReport]
    table_counts: Counts
    partition_counts: Counts
    seconds: list[Figure] = strawberry.field(description="By stage.")
    log: list[str]

    @classmethod
    def of(cls, report: core.Report) -> CrawlReport:
        files = report.files
        return cls(
            database=report.database,
            dry_run=report.dry_run,
            written=report.written,
            files=CrawledFiles(
                seen=files.seen,
                read=files.read,
                size=Long(files.size),
                skipped=Notes.of(files.skipped),
                failed=Notes.of(files.failed),
                of_servers=files.of_servers,
            ),
            tables=[TableReport.of(each) for each in report.tables],
            table_counts=Counts.of(report.table_counts),
            partition_counts=Counts.of(report.partition_counts),
            seconds=figures(report.seconds),
            log=list(report.log),
        )
