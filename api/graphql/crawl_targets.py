"""What a crawl looks at, as it is answered and as it is given: a type and an input for each kind of target."""

from __future__ import annotations

import strawberry

from crawlers import model

_SAMPLE = "How many files of each leaf folder are read, 1 to 249; null reads all."
_EXCLUSIONS = "Glue's glob patterns, relative to the place."
_NAME = "What the table is called if the place holds one table."
_JDBC_PATH = "database/schema/table, or database/table where a server has no schemas; % stands for any of the last two."
_METADATA = "What more is written of each column: its type as the server has it, its comment."
_NATIVE = "True: readers are sent to the table's log; false: to a list of its files."
_KEPT = "Kept for clients of Glue: a crawl here skips it and says so, and fails if it has no other target."
_COLLECTION = "database/collection."
_QUEUE = "The ARN of a queue of events: kept for clients of Glue; `postObjectEvents` tells a crawler here of objects."
_SCAN_ALL = "Glue's setting: read all records, not a sample."
_SCAN_RATE = "Glue's setting: the share of the read capacity to use, 0.1 to 1.5."
_DEPTH = "How many folders below the place are looked into, 1 to 20."

strawberry.enum(model.JdbcMetadata, description="What more is written of a JDBC column than its type and name.")


@strawberry.type(description="One place to crawl: a folder or a file.")
class CrawlTarget:
    place: str = strawberry.field(description="A local path or a URI.")
    exclusions: list[str] = strawberry.field(description=_EXCLUSIONS)
    sample_size: int | None = strawberry.field(description=_SAMPLE)
    table_name: str | None = strawberry.field(description=_NAME)
    event_queue: str | None = strawberry.field(description=_QUEUE)
    dead_letter_queue: str | None = strawberry.field(description=_QUEUE)

    @classmethod
    def all(cls, crawler: model.Crawler) -> list[CrawlTarget]:
        return [
            cls(
                place=each.place,
                exclusions=list(each.exclusions),
                sample_size=each.sample_size,
                table_name=each.table_name,
                event_queue=each.event_queue,
                dead_letter_queue=each.dead_letter_queue,
            )
            for each in crawler.targets
        ]


@strawberry.type(description="Tables of a database server.")
class JdbcTarget:
    connection: str = strawberry.field(description="The catalog's connection that reaches the server.")
    path: str = strawberry.field(description=_JDBC_PATH)
    exclusions: list[str]
    metadata: list[model.JdbcMetadata] = strawberry.field(description=_METADATA)
    table_name: str | None = strawberry.field(description=_NAME)

    @classmethod
    def all(cls, crawler: model.Crawler) -> list[JdbcTarget]:
        return [
            cls(
                connection=each.connection,
                path=each.path,
                exclusions=list(each.exclusions),
                metadata=list(each.metadata),
                table_name=each.table_name,
            )
            for each in crawler.jdbc_targets
        ]


@strawberry.type(description="The folder of one Delta table.")
class DeltaTarget:
    place: str
    native: bool = strawberry.field(description=_NATIVE)
    manifest: bool = strawberry.field(description="That list is written into the folder.")
    table_name: str | None = strawberry.field(description=_NAME)

    @classmethod
    def all(cls, crawler: model.Crawler) -> list[DeltaTarget]:
        return [
            cls(place=each.place, native=each.native, manifest=each.manifest, table_name=each.table_name)
            for each in crawler.delta_targets
        ]


@strawberry.type(description="A folder with Iceberg tables.")
class IcebergTarget:
    place: str
    exclusions: list[str] = strawberry.field(description=_EXCLUSIONS)
    max_depth: int = strawberry.field(description=_DEPTH)

    @classmethod
    def all(cls, crawler: model.Crawler) -> list[IcebergTarget]:
        return [
            cls(place=each.place, exclusions=list(each.exclusions), max_depth=each.max_depth)
            for each in crawler.iceberg_targets
        ]


@strawberry.type(description="Tables that the catalog has, crawled where they lie.")
class CatalogTarget:
    database: str
    tables: list[str]

    @classmethod
    def all(cls, crawler: model.Crawler) -> list[CatalogTarget]:
        return [cls(database=each.database, tables=list(each.tables)) for each in crawler.catalog_targets]


@strawberry.type(description=f"A collection of MongoDB. {_KEPT}")
class MongoDbTarget:
    connection: str
    path: str = strawberry.field(description=_COLLECTION)
    scan_all: bool = strawberry.field(description=_SCAN_ALL)

    @classmethod
    def all(cls, crawler: model.Crawler) -> list[MongoDbTarget]:
        return [
            cls(connection=each.connection, path=each.path, scan_all=each.scan_all) for each in crawler.mongodb_targets
        ]


@strawberry.type(description=f"A table of DynamoDB. {_KEPT}")
class DynamoDbTarget:
    table: str
    scan_all: bool = strawberry.field(description=_SCAN_ALL)
    scan_rate: float | None = strawberry.field(description=_SCAN_RATE)

    @classmethod
    def all(cls, crawler: model.Crawler) -> list[DynamoDbTarget]:
        return [
            cls(table=each.table, scan_all=each.scan_all, scan_rate=each.scan_rate) for each in crawler.dynamodb_targets
        ]


@strawberry.type(description=f"A folder with Hudi tables. {_KEPT}")
class HudiTarget:
    place: str
    exclusions: list[str] = strawberry.field(description=_EXCLUSIONS)
    max_depth: int = strawberry.field(description=_DEPTH)

    @classmethod
    def all(cls, crawler: model.Crawler) -> list[HudiTarget]:
        return [
            cls(place=each.place, exclusions=list(each.exclusions), max_depth=each.max_depth)
            for each in crawler.hudi_targets
        ]


@strawberry.input(description="One place to crawl: a folder or a file.")
class CrawlTargetInput:
    place: str = strawberry.field(description="A local path or a URI.")
    exclusions: list[str] = strawberry.field(default_factory=list, description=_EXCLUSIONS)
    sample_size: int | None = strawberry.field(default=None, description=_SAMPLE)
    table_name: str | None = strawberry.field(default=None, description=_NAME)
    event_queue: str | None = strawberry.field(default=None, description=_QUEUE)
    dead_letter_queue: str | None = strawberry.field(default=None, description=_QUEUE)

    def value(self) -> model.Target:
        return model.Target(
            self.place,
            tuple(self.exclusions),
            self.sample_size,
            self.table_name,
            self.event_queue,
            self.dead_letter_queue,
        )


@strawberry.input(description="Tables of a database server.")
class JdbcTargetInput:
    connection: str = strawberry.field(description="The catalog's connection that reaches the server.")
    path: str = strawberry.field(description=_JDBC_PATH)
    exclusions: list[str] = strawberry.field(default_factory=list)
    metadata: list[model.JdbcMetadata] = strawberry.field(default_factory=list, description=_METADATA)
    table_name: str | None = strawberry.field(default=None, description=_NAME)

    def value(self) -> model.JdbcTarget:
        return model.JdbcTarget(
            self.connection, self.path, tuple(self.exclusions), tuple(self.metadata), self.table_name
        )


@strawberry.input(description="The folder of one Delta table.")
class DeltaTargetInput:
    place: str
    native: bool = strawberry.field(default=model.DeltaTarget.native, description=_NATIVE)
    manifest: bool = strawberry.field(default=False, description="That list is written into the folder.")
    table_name: str | None = strawberry.field(default=None, description=_NAME)

    def value(self) -> model.DeltaTarget:
        return model.DeltaTarget(self.place, self.native, self.manifest, self.table_name)


@strawberry.input(description="A folder with Iceberg tables.")
class IcebergTargetInput:
    place: str
    exclusions: list[str] = strawberry.field(default_factory=list, description=_EXCLUSIONS)
    max_depth: int = strawberry.field(default=model.IcebergTarget.max_depth, description=_DEPTH)

    def value(self) -> model.IcebergTarget:
        return model.IcebergTarget(self.place, tuple(self.exclusions), self.max_depth)


@strawberry.input(description="Tables that the catalog has, crawled where they lie.")
class CatalogTargetInput:
    database: str
    tables: list[str]

    def value(self) -> model.CatalogTarget:
        return model.CatalogTarget(self.database, tuple(self.tables))


@strawberry.input(description=f"A collection of MongoDB. {_KEPT}")
class MongoDbTargetInput:
    connection: str
    path: str = strawberry.field(description=_COLLECTION)
    scan_all: bool = strawberry.field(default=model.MongoDbTarget.scan_all, description=_SCAN_ALL)

    def value(self) -> model.MongoDbTarget:
        return model.MongoDbTarget(self.connection, self.path, self.scan_all)


@strawberry.input(description=f"A table of DynamoDB. {_KEPT}")
class DynamoDbTargetInput:
    table: str
    scan_all: bool = strawberry.field(default=model.DynamoDbTarget.scan_all, description=_SCAN_ALL)
    scan_rate: float | None = strawberry.field(default=None, description=_SCAN_RATE)

    def value(self) -> model.DynamoDbTarget:
        return model.DynamoDbTarget(self.table, self.scan_all, self.scan_rate)


@strawberry.input(description=f"A folder with Hudi tables. {_KEPT}")
class HudiTargetInput:
    place: str
    exclusions: list[str] = strawberry.field(default_factory=list, description=_EXCLUSIONS)
    max_depth: int = strawberry.field(default=model.HudiTarget.max_depth, description=_DEPTH)

    def value(self) -> model.HudiTarget:
        return model.HudiTarget(self.place, tuple(self.exclusions), self.max_depth)
