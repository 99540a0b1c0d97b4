"""A crawler's definition as frozen values. Words and defaults follow Glue's CreateCrawler."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class UpdateBehavior(StrEnum):
    """What happens to a table whose data changed. New tables and partitions are made whatever this says."""

    UPDATE_IN_DATABASE = "UPDATE_IN_DATABASE"
    LOG = "LOG"


class DeleteBehavior(StrEnum):
    """What happens to a table or partition whose data are gone."""

    DEPRECATE_IN_DATABASE = "DEPRECATE_IN_DATABASE"
    DELETE_FROM_DATABASE = "DELETE_FROM_DATABASE"
    LOG = "LOG"


class RecrawlBehavior(StrEnum):
    CRAWL_EVERYTHING = "CRAWL_EVERYTHING"
    CRAWL_NEW_FOLDERS_ONLY = "CRAWL_NEW_FOLDERS_ONLY"
    CRAWL_EVENT_MODE = "CRAWL_EVENT_MODE"


class HeaderDetection(StrEnum):
    """`GLUE`: a header needs a data row with a cell that is no text. `IMPROVED`: an all-text file has one too."""

    IMPROVED = "improved"
    GLUE = "glue"


class ColumnNames(StrEnum):
    """`KEEP`: names as found, in lower case. `CLEAN`: letters, digits and underscores only, as Athena wants them."""

    KEEP = "keep"
    CLEAN = "clean"


class CrawlEngine(StrEnum):
    """Where files are read: in the crawl's own process, or by the tasks of a Spark."""

    LOCAL = "local"
    SPARK = "spark"


class JdbcMetadata(StrEnum):
    """What more is written of a JDBC column than its type and name."""

    RAWTYPES = "RAWTYPES"
    COMMENTS = "COMMENTS"


@dataclass(frozen=True)
class Target:
    """One place to crawl: a folder or a file, as a local path or a URI.

    `exclusions` are Glue's glob patterns, relative to the place. `sample_size` is how many files of each leaf folder
    are read (1–249); None reads all. `table_name` is what the table is called if the place holds one table. The two
    queues of Amazon's SQS, by their ARNs, are kept for Glue's clients: events are posted to a crawler here.
    """

    place: str
    exclusions: tuple[str, ...] = ()
    sample_size: int | None = None
    table_name: str | None = None
    event_queue: str | None = None
    dead_letter_queue: str | None = None


@dataclass(frozen=True)
class JdbcTarget:
    """Tables of a database server that the catalog's connection `connection` reaches.

    `path` is `database/schema/table`, or `database/table` where a server has no schemas; `%` stands for any schema or
    table. `exclusions` are Glue's glob patterns on the part below the database.
    """

    connection: str
    path: str
    exclusions: tuple[str, ...] = ()
    metadata: tuple[JdbcMetadata, ...] = ()
    table_name: str | None = None


@dataclass(frozen=True)
class DeltaTarget:
    """The folder of one Delta table. With `native`, readers are sent to its log; without, to a list of its files.

    `manifest`: that list is written into the folder, when a crawl or a plan is written and not in a dry run.
    """

    place: str
    native: bool = True
    manifest: bool = False
    table_name: str | None = None


@dataclass(frozen=True)
class IcebergTarget:
    """A folder with Iceberg tables, at most `max_depth` folders (1–20) below it."""

    place: str
    exclusions: tuple[str, ...] = ()
    max_depth: int = 10


@dataclass(frozen=True)
class CatalogTarget:
    """Tables that the catalog has: crawled where they lie, never made and never deleted."""

    database: str
    tables: tuple[str, ...]


@dataclass(frozen=True)
class MongoDbTarget:
    """A collection, as `database/collection`, of the server that the connection reaches: kept for Glue's clients."""

    connection: str
    path: str
    scan_all: bool = True


@dataclass(frozen=True)
class DynamoDbTarget:
    """A table of DynamoDB: kept for Glue's clients. `scan_rate` is the share of its read capacity, 0.1 to 1.5."""

    table: str
    scan_all: bool = True
    scan_rate: float | None = None


@dataclass(frozen=True)
class HudiTarget:
    """A folder with Hudi tables, at most `max_depth` folders (1–20) below it: kept for Glue's clients."""

    place: str
    exclusions: tuple[str, ...] = ()
    max_depth: int = 10


AnyTarget = (
    Target | JdbcTarget | DeltaTarget | IcebergTarget | CatalogTarget | MongoDbTarget | DynamoDbTarget | HudiTarget
)


class LineageSettings(StrEnum):
    """Glue's switch for telling where tables come from."""

    ENABLE = "ENABLE"
    DISABLE = "DISABLE"


@dataclass(frozen=True)
class LakeFormation:
    """Whether Glue would ask Lake Formation for keys, and of which account."""

    use_credentials: bool = False
    account: str | None = None


@dataclass(frozen=True)
class CloudSettings:
    """What says in AWS on whose behalf a crawler works. It is kept and shown for Glue's clients, and changes nothing
    here, where a crawl works with what the service may do.
    """

    role: str | None = None
    security_configuration: str | None = None
    lineage: LineageSettings = LineageSettings.DISABLE
    lake_formation: LakeFormation | None = None
    configuration: str | None = None  # the text that the crawler's configuration was read from, if it was one


NO_CLOUD = CloudSettings()


@dataclass(frozen=True)
class SchemaChangePolicy:
    update: UpdateBehavior = UpdateBehavior.UPDATE_IN_DATABASE
    delete: DeleteBehavior = DeleteBehavior.DEPRECATE_IN_DATABASE


@dataclass(frozen=True)
class Configuration:
    """How files become tables.

    `table_level` is the absolute level of a table's folder (the bucket, or the first folder of a local path, is 1).
    `table_threshold` fails a crawl that finds more tables. `combine_compatible` ignores how alike schemas are.
    `merge_new_columns` only ever adds columns to an existing table. `inherit_from_table` is kept for Glue's clients:
    here every partition has the columns and formats of its table. `create_partition_index` gives a new partitioned
    table an index of all its keys. `reclassify` reads files again that have not changed.
    """

    table_level: int | None = None
    table_threshold: int | None = None
    combine_compatible: bool = False
    merge_new_columns: bool = False
    header_detection: HeaderDetection = HeaderDetection.IMPROVED
    inherit_from_table: bool = False
    create_partition_index: bool = True
    column_names: ColumnNames = ColumnNames.KEEP
    reclassify: bool = False


GLUES_POLICY = SchemaChangePolicy()
DEFAULTS = Configuration()


@dataclass(frozen=True)
class Crawler:
    """A crawler's definition. `version` counts updates from 1; it and the two times are set by `definitions`.

    `classifiers` are names, asked in their order before the built-in ones. Catalog targets mix with no other kind. A
    schedule that is paused is kept but not followed.
    """

    name: str
    database: str
    targets: tuple[Target, ...] = ()
    prefix: str = ""
    description: str | None = None
    schema_change: SchemaChangePolicy = GLUES_POLICY
    recrawl: RecrawlBehavior = RecrawlBehavior.CRAWL_EVERYTHING
    configuration: Configuration = DEFAULTS
    schedule: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    version: int = 1
    jdbc_targets: tuple[JdbcTarget, ...] = ()
    delta_targets: tuple[DeltaTarget, ...] = ()
    iceberg_targets: tuple[IcebergTarget, ...] = ()
    catalog_targets: tuple[CatalogTarget, ...] = ()
    classifiers: tuple[str, ...] = ()
    schedule_paused: bool = False
    engine: CrawlEngine = CrawlEngine.LOCAL
    mongodb_targets: tuple[MongoDbTarget, ...] = ()
    dynamodb_targets: tuple[DynamoDbTarget, ...] = ()
    hudi_targets: tuple[HudiTarget, ...] = ()
    cloud: CloudSettings = NO_CLOUD

    @property
    def all_targets(self) -> tuple[AnyTarget, ...]:
        return (
            *self.targets,
            *self.jdbc_targets,
            *self.delta_targets,
            *self.iceberg_targets,
            *self.catalog_targets,
            *self.mongodb_targets,
            *self.dynamodb_targets,
            *self.hudi_targets,
        )

    @property
    def connections(self) -> set[str]:
        """The catalog's connections that its targets name."""
        naming: tuple[JdbcTarget | MongoDbTarget, ...] = (*self.jdbc_targets, *self.mongodb_targets)
        return {target.connection for target in naming}


class CsvHeader(StrEnum):
    """Whether a delimited file's first row names its columns."""

    UNKNOWN = "UNKNOWN"
    PRESENT = "PRESENT"
    ABSENT = "ABSENT"


class CsvSerde(StrEnum):
    """Which reader a table of delimited text is given; `DETECT` looks whether quotes are needed."""

    DETECT = "None"
    OPEN_CSV = "OpenCSVSerDe"
    LAZY_SIMPLE = "LazySimpleSerDe"

    @classmethod
    def _missing_(cls, value: object) -> CsvSerde | None:
        """Hive's own class is spelled OpenCSVserde, so any case will do."""
        return next((each for each in cls if each.value.lower() == str(value).lower()), None)


@dataclass(frozen=True)
class GrokClassifier:
    """Lines that `pattern` matches; its named parts are the columns.

    `custom_patterns` are further ones that it may use, one a line: a name, a space, a regular expression.
    """

    name: str
    classification: str
    pattern: str
    custom_patterns: str = ""


@dataclass(frozen=True)
class JsonClassifier:
    """JSON of which the values at `json_path` are the records: `$`, `.name`, `['name']`, `[*]`, `[n]`."""

    name: str
    json_path: str


@dataclass(frozen=True)
class XmlClassifier:
    """XML of which each element called `row_tag` is a record."""

    name: str
    classification: str
    row_tag: str


@dataclass(frozen=True)
class CsvClassifier:
    """Delimited text. None and empty leave the choice to what the file shows.

    `columns` are names for the columns. `types` are Glue's CustomDatatypes: the only types that columns may have.
    """

    name: str
    delimiter: str | None = None
    quote: str | None = None
    header: CsvHeader = CsvHeader.UNKNOWN
    columns: tuple[str, ...] = ()
    trims_values: bool = False
    allows_single_column: bool = False
    types: tuple[str, ...] = ()
    serde: CsvSerde = CsvSerde.DETECT


AnyClassifier = GrokClassifier | JsonClassifier | XmlClassifier | CsvClassifier


@dataclass(frozen=True)
class StoredClassifier:
    """A classifier as it is kept; `version` counts updates from 1."""

    classifier: AnyClassifier
    version: int = 1
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def name(self) -> str:
        return self.classifier.name
