"""What a crawl is to do, as it is answered and as it is given."""

from __future__ import annotations

import strawberry

from api.graphql.crawl_targets import (
    CatalogTargetInput,
    CrawlTargetInput,
    DeltaTargetInput,
    DynamoDbTargetInput,
    HudiTargetInput,
    IcebergTargetInput,
    JdbcTargetInput,
    MongoDbTargetInput,
)
from crawlers import model
from crawlers.validity import with_some_target

_LEVEL = "The level of a table's folder; the bucket, or the first folder of a local path, is 1."
_THRESHOLD = "Fail a crawl that finds more tables."
_COMBINE = "Take files of one folder as one table however unlike their columns are."
_MERGE = "Only ever add columns to a table that exists."

_INDEX = "Give a new partitioned table an index of all its keys."
_INHERIT = "Glue's setting, kept for its clients: here partitions always have the columns of their table."
_CLOUD = (
    "What says in AWS on whose behalf a crawler works. It is kept for clients of Glue and changes nothing here, where "
    "a crawl works with what the service may do, and tells nobody of lineage."
)
_ROLE = "A role's name or ARN."
_ACCOUNT = "The account of AWS that keeps the permissions, in 12 digits; null: the caller's."
_RECLASSIFY = "Read files again that have not changed."

strawberry.enum(model.ColumnNames, description="KEEP: names as found. CLEAN: letters, digits and underscores only.")
strawberry.enum(model.CrawlEngine, description="What reads a crawl's files.")
strawberry.enum(model.UpdateBehavior, description="What happens to a table whose data changed.")
strawberry.enum(model.DeleteBehavior, description="What happens to a table or partition whose data are gone.")
strawberry.enum(model.RecrawlBehavior, description="What is looked at when a place is crawled again.")
strawberry.enum(model.LineageSettings, description="Glue's switch for telling where tables come from.")
strawberry.enum(
    model.HeaderDetection,
    description="GLUE: a header needs a data row with a cell that is no text. IMPROVED: an all-text one is found too.",
)


@strawberry.type(description="What happens to tables that are there already.")
class SchemaChangePolicy:
    update: model.UpdateBehavior
    delete: model.DeleteBehavior

    @classmethod
    def of(cls, policy: model.SchemaChangePolicy) -> SchemaChangePolicy:
        return cls(update=policy.update, delete=policy.delete)


@strawberry.type(description="Whether Glue would ask Lake Formation for keys.")
class LakeFormationConfiguration:
    use_credentials: bool
    account: str | None = strawberry.field(description=_ACCOUNT)


@strawberry.type(description=_CLOUD)
class CloudSettings:
    role: str | None = strawberry.field(description=_ROLE)
    security_configuration: str | None
    lineage: model.LineageSettings
    lake_formation: LakeFormationConfiguration | None

    @classmethod
    def of(cls, cloud: model.CloudSettings) -> CloudSettings:
        asked = cloud.lake_formation
        return cls(
            role=cloud.role,
            security_configuration=cloud.security_configuration,
            lineage=cloud.lineage,
            lake_formation=LakeFormationConfiguration(use_credentials=asked.use_credentials, account=asked.account)
            if asked
            else None,
        )


@strawberry.input(description="Whether Glue would ask Lake Formation for keys.")
class LakeFormationConfigurationInput:
    use_credentials: bool = False
    account: str | None = strawberry.field(default=None, description=_ACCOUNT)


@strawberry.input(description=_CLOUD)
class CloudSettingsInput:
    role: str | None = strawberry.field(default=None, description=_ROLE)
    security_configuration: str | None = None
    lineage: model.LineageSettings = model.CloudSettings.lineage
    lake_formation: LakeFormationConfigurationInput | None = None

    def value(self) -> model.CloudSettings:
        asked = self.lake_formation
        lake_formation = model.LakeFormation(asked.use_credentials, asked.account) if asked else None
        return model.CloudSettings(self.role, self.security_configuration, self.lineage, lake_formation)


@strawberry.type(description="How files become tables.")
class CrawlerConfiguration:
    table_level: int | None = strawberry.field(description=_LEVEL)
    table_threshold: int | None = strawberry.field(description=_THRESHOLD)
    combine_compatible: bool = strawberry.field(description=_COMBINE)
    merge_new_columns: bool = strawberry.field(description=_MERGE)
    header_detection: model.HeaderDetection
    inherit_from_table: bool = strawberry.field(description=_INHERIT)
    create_partition_index: bool = strawberry.field(description=_INDEX)
    column_names: model.ColumnNames
    reclassify: bool = strawberry.field(description=_RECLASSIFY)

    @classmethod
    def of(cls, configuration: model.Configuration) -> CrawlerConfiguration:
        return cls(
            table_level=configuration.table_level,
            table_threshold=configuration.table_threshold,
            combine_compatible=configuration.combine_compatible,
            merge_new_columns=configuration.merge_new_columns,
            header_detection=configuration.header_detection,
            inherit_from_table=configuration.inherit_from_table,
            create_partition_index=configuration.create_partition_index,
            column_names=configuration.column_names,
            reclassify=configuration.reclassify,
        )


@strawberry.input(description="What happens to tables that are there already.")
class SchemaChangePolicyInput:
    update: model.UpdateBehavior = model.SchemaChangePolicy.update
    delete: model.DeleteBehavior = model.SchemaChangePolicy.delete


@strawberry.input(description="How files become tables.")
class CrawlerConfigurationInput:
    table_level: int | None = strawberry.field(default=None, description=_LEVEL)
    table_threshold: int | None = strawberry.field(default=None, description=_THRESHOLD)
    combine_compatible: bool = strawberry.field(default=False, description=_COMBINE)
    merge_new_columns: bool = strawberry.field(default=False, description=_MERGE)
    header_detection: model.HeaderDetection = model.Configuration.header_detection
    inherit_from_table: bool = strawberry.field(default=False, description=_INHERIT)
    create_partition_index: bool = strawberry.field(default=True, description=_INDEX)
    column_names: model.ColumnNames = model.Configuration.column_names
    reclassify: bool = strawberry.field(default=False, description=_RECLASSIFY)

    def value(self) -> model.Configuration:
        return model.Configuration(
            table_level=self.table_level,
            table_threshold=self.table_threshold,
            combine_compatible=self.combine_compatible,
            merge_new_columns=self.merge_new_columns,
            header_detection=self.header_detection,
            inherit_from_table=self.inherit_from_table,
            create_partition_index=self.create_partition_index,
            column_names=self.column_names,
            reclassify=self.reclassify,
        )


@strawberry.input(description="A whole definition: what is left out has its default, in an update too.")
class CrawlerInput:
    database: str = strawberry.field(
        default="", description="The database that takes the tables; none is needed for catalog targets."
    )
    targets: list[CrawlTargetInput] = strawberry.field(default_factory=list)
    jdbc_targets: list[JdbcTargetInput] = strawberry.field(default_factory=list)
    delta_targets: list[DeltaTargetInput] = strawberry.field(default_factory=list)
    iceberg_targets: list[IcebergTargetInput] = strawberry.field(default_factory=list)
    catalog_targets: list[CatalogTargetInput] = strawberry.field(
        default_factory=list, description="These mix with no other kind."
    )
    mongodb_targets: list[MongoDbTargetInput] = strawberry.field(default_factory=list)
    dynamodb_targets: list[DynamoDbTargetInput] = strawberry.field(default_factory=list)
    hudi_targets: list[HudiTargetInput] = strawberry.field(default_factory=list)
    classifiers: list[str] = strawberry.field(
        default_factory=list, description="Names, asked in their order before the built-in ones."
    )
    prefix: str = strawberry.field(default="", description="What the names of the tables begin with.")
    description: str | None = None
    schema_change: SchemaChangePolicyInput = strawberry.field(default_factory=SchemaChangePolicyInput)
    recrawl: model.RecrawlBehavior = model.Crawler.recrawl
    configuration: CrawlerConfigurationInput = strawberry.field(default_factory=CrawlerConfigurationInput)
    schedule: str | None = strawberry.field(
        default=None,
        description="When it crawls by itself: cron(minutes hours days months weekdays years) or rate(n unit), in UTC.",
    )

    engine: model.CrawlEngine = strawberry.field(
        default=model.Crawler.engine, description="What reads the files: the service, or Spark's executors."
    )

    cloud: CloudSettingsInput = strawberry.field(default_factory=CloudSettingsInput, description=_CLOUD)

    def value(self, name: str) -> model.Crawler:
        crawler = model.Crawler(
            name=name,
            database=self.database,
            targets=tuple(each.value() for each in self.targets),
            jdbc_targets=tuple(each.value() for each in self.jdbc_targets),
            delta_targets=tuple(each.value() for each in self.delta_targets),
            iceberg_targets=tuple(each.value() for each in self.iceberg_targets),
            catalog_targets=tuple(each.value() for each in self.catalog_targets),
            classifiers=tuple(self.classifiers),
            prefix=self.prefix,
            description=self.description,
            schema_change=model.SchemaChangePolicy(self.schema_change.update, self.schema_change.delete),
            recrawl=self.recrawl,
            configuration=self.configuration.value(),
            schedule=self.schedule,
            engine=self.engine,
            mongodb_targets=tuple(each.value() for each in self.mongodb_targets),
            dynamodb_targets=tuple(each.value() for each in self.dynamodb_targets),
            hudi_targets=tuple(each.value() for each in self.hudi_targets),
            cloud=self.cloud.value(),
        )
        return with_some_target(crawler)
