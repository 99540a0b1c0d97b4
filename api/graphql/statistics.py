"""What is known of columns' values, in a table and in its partitions: asked for, set and deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

import strawberry

from api.graphql.context import Info
from api.graphql.fields import mutation
from api.graphql.numbers import Long
from api.graphql.outcomes import Payload, attempt
from catalog import model, statistics
from catalog.catalog import Catalog
from catalog.errors import InvalidInput

_FIELDS = {"Database": "database", "Table": "table", "Partition": "partitions", "Column": "statistics"}
_COUNTS = ("nulls", "distinct", "trues", "falses", "longest")
_BOUNDS: dict[str, type] = {"long": int, "date": int, "double": float, "decimal": Decimal}


@strawberry.enum(description="Which of a column's figures there are; Hive's kinds.")
class StatisticsKind(StrEnum):
    BOOLEAN = "boolean"
    LONG = "long"
    DOUBLE = "double"
    STRING = "string"
    BINARY = "binary"
    DECIMAL = "decimal"
    DATE = "date"


@strawberry.type(description="What is known of a column's values. Figures that its kind does not have are null.")
class ColumnStatistics:
    column: str
    type: str = strawberry.field(description="The column's type as it was said when they were gathered.")
    kind: StatisticsKind
    low: str | None = strawberry.field(description="The least value, exactly; a date in days since 1970-01-01.")
    high: str | None = strawberry.field(description="The greatest value, as `low`.")
    nulls: Long | None
    distinct: Long | None = strawberry.field(description="An estimate.")
    trues: Long | None
    falses: Long | None
    longest: Long | None = strawberry.field(description="The longest value, in bytes.")
    average_length: float | None = strawberry.field(description="In bytes.")
    analyzed_at: datetime | None

    @classmethod
    def of(cls, found: statistics.ColumnStatistics) -> ColumnStatistics:
        values = found.values
        kind = next(name for name, each in statistics.KINDS.items() if isinstance(values, each))
        figures: dict[str, Any] = {name: getattr(values, name, None) for name in (*_COUNTS, "average_length")}
        bounds = {name: getattr(values, name, None) for name in ("low", "high")}
        figures |= {name: None if bound is None else str(bound) for name, bound in bounds.items()}
        return cls(
            column=found.column,
            type=found.type,
            kind=StatisticsKind(kind),
            analyzed_at=found.analyzed_at,
            **figures,
        )


def _names(
    catalog: Catalog, database: str, table: str, partitions: Sequence[tuple[str, ...]]
) -> dict[tuple[str, ...], str]:
    """The partitions' names, by their values. Raises InvalidInput for a wrong number of values."""
    found = catalog.get_table(database, table)
    wrong = next((values for values in partitions if len(values) != len(found.key_names)), None)
    if wrong is not None:
        why = f"the table has {len(found.key_names)} partition keys."
        raise InvalidInput(what=f"partition {list(wrong)} of table {database}.{table}", why=why)
    return {values: model.Partition(values).name(found) for values in partitions}


@strawberry.input(description="What is known of a column's values. A kind takes its own figures, and needs its counts.")
class ColumnStatisticsInput:
    column: str
    type: str
    kind: StatisticsKind
    low: str | None = None
    high: str | None = None
    nulls: Long | None = None
    distinct: Long | None = None
    trues: Long | None = None
    falses: Long | None = None
    longest: Long | None = None
    average_length: float | None = None

    def value(self) -> statistics.ColumnStatistics:
        """Raises InvalidInput for a figure that is missing, strange to the kind, or no number."""
        name = self.kind.value
        kind: Any = statistics.KINDS[name]
        own = {each.name for each in fields(kind)}
        given = {each: getattr(self, each) for each in (*_COUNTS, "average_length", "low", "high")}
        for figure, value in given.items():
            if value is not None and figure not in own:
                raise InvalidInput(what=f"statistics of column {self.column}", why=f"{name} columns have no {figure}.")
            if value is None and figure in own - {"low", "high"}:
                raise InvalidInput(what=f"statistics of column {self.column}", why=f"their {figure} is missing.")
        bounds = {each: self._bound(each, name) for each in ("low", "high") if each in own}
        figures = {each: given[each] for each in own - {"low", "high"}}
        return statistics.ColumnStatistics(self.column, self.type, kind(**figures, **bounds))

    def _bound(self, figure: str, kind: str) -> object:
        text = getattr(self, figure)
        try:
            return None if text is None else _BOUNDS[kind](text)
        except (ValueError, InvalidOperation) as error:
            what = f"statistics of column {self.column}"
            raise InvalidInput(what=what, why=f"their {figure} {text!r} is no {kind}.") from error


@strawberry.input
class UpdateColumnStatisticsForTableInput:
    database: str
    table: str
    statistics: list[ColumnStatisticsInput]
    client_mutation_id: str | None = None


@strawberry.input
class PartitionStatisticsInput:
    values: list[str] = strawberry.field(description="Of the partition, in the order of the table's partition keys.")
    statistics: list[ColumnStatisticsInput]


@strawberry.input
class UpdateColumnStatisticsForPartitionInput:
    database: str
    table: str
    partitions: list[PartitionStatisticsInput]
    client_mutation_id: str | None = None


@strawberry.input
class DeleteColumnStatisticsForTableInput:
    database: str
    table: str
    column: str | None = strawberry.field(default=None, description="Null: those of all columns.")
    dry_run: bool = strawberry.field(default=False, description="Say how many would go, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.input
class DeleteColumnStatisticsForPartitionInput:
    database: str
    table: str
    values: list[str] = strawberry.field(description="Of the partition, in the order of the table's partition keys.")
    column: str | None = strawberry.field(default=None, description="Null: those of all columns.")
    dry_run: bool = strawberry.field(default=False, description="Say how many would go, and change nothing.")
    client_mutation_id: str | None = None


@strawberry.type
class UpdateColumnStatisticsForTablePayload(Payload):
    statistics: list[ColumnStatistics] | None = strawberry.field(description="All that the table now has.")


@strawberry.type
class UpdateColumnStatisticsForPartitionPayload(Payload):
    partition_count: int | None = strawberry.field(description="How many partitions were given.")


@strawberry.type
class DeleteColumnStatisticsForTablePayload(Payload):
    deleted_count: int | None = strawberry.field(description="How many columns had some.")


@strawberry.type
class DeleteColumnStatisticsForPartitionPayload(Payload):
    deleted_count: int | None = strawberry.field(description="How many columns had some.")


@strawberry.type
class StatisticsMutations:
    @mutation("Set the statistics of some columns of a table; those of others stay.")
    def update_column_statistics_for_table(
        self, info: Info, input: UpdateColumnStatisticsForTableInput
    ) -> UpdateColumnStatisticsForTablePayload | None:
        catalog, at = info.context.catalog, (input.database, input.table)

        def put() -> list[statistics.ColumnStatistics]:
            catalog.put_table_statistics(*at, [each.value() for each in input.statistics])
            return catalog.get_table_statistics(*at)

        tried = attempt(put, _FIELDS)
        return UpdateColumnStatisticsForTablePayload(
            statistics=None if tried.result is None else [ColumnStatistics.of(each) for each in tried.result],
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )

    @mutation("Set the statistics of some columns of partitions: of all those given or, if one is refused, of none.")
    def update_column_statistics_for_partition(
        self, info: Info, input: UpdateColumnStatisticsForPartitionInput
    ) -> UpdateColumnStatisticsForPartitionPayload | None:
        catalog, at = info.context.catalog, (input.database, input.table)

        def put() -> int:
            new = {tuple(each.values): [one.value() for one in each.statistics] for each in input.partitions}
            names = _names(catalog, *at, list(new))
            catalog.put_partition_statistics(*at, {names[values]: each for values, each in new.items()})
            return len(new)

        tried = attempt(put, _FIELDS)
        return UpdateColumnStatisticsForPartitionPayload(
            partition_count=tried.result, user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation()
    def delete_column_statistics_for_table(
        self, info: Info, input: DeleteColumnStatisticsForTableInput
    ) -> DeleteColumnStatisticsForTablePayload | None:
        catalog = info.context.trying(input.dry_run).catalog
        tried = attempt(lambda: catalog.delete_table_statistics(input.database, input.table, input.column), _FIELDS)
        return DeleteColumnStatisticsForTablePayload(
            deleted_count=tried.result, user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation()
    def delete_column_statistics_for_partition(
        self, info: Info, input: DeleteColumnStatisticsForPartitionInput
    ) -> DeleteColumnStatisticsForPartitionPayload | None:
        catalog, at = info.context.trying(input.dry_run).catalog, (input.database, input.table)

        def delete() -> int:
            (name,) = _names(catalog, *at, [tuple(input.values)]).values()
            return catalog.delete_partition_statistics(*at, name, input.column)

        tried = attempt(delete, _FIELDS)
        return DeleteColumnStatisticsForPartitionPayload(
            deleted_count=tried.result, user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )
