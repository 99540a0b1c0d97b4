"""What a crawl is to do, as it is answered and as it is given."""

from __future__ import annotations

import strawberry

from crawlers import model

_SAMPLE = "How many files of each leaf folder are read, 1 to 249; null reads all."
_EXCLUSIONS = "Glue's glob patterns, relative to the place."
_LEVEL = "The level of a table's folder; the bucket, or the first folder of a local path, is 1."
_THRESHOLD = "Fail a crawl that finds more tables."
_COMBINE = "Take files of one folder as one table however unlike their columns are."
_MERGE = "Only ever add columns to a table that exists."

strawberry.enum(model.UpdateBehavior, description="What happens to a table whose data changed.")
strawberry.enum(model.DeleteBehavior, description="What happens to a table or partition whose data are gone.")
strawberry.enum(model.RecrawlBehavior, description="What is looked at when a place is crawled again.")
strawberry.enum(
    model.HeaderDetection,
    description="GLUE: a header needs a data row with a cell that is no text. IMPROVED: an all-text one is found too.",
)


@strawberry.type(description="One place to crawl: a folder or a file.")
class CrawlTarget:
    place: str = strawberry.field(description="A local path or a URI.")
    exclusions: list[str] = strawberry.field(description=_EXCLUSIONS)
    sample_size: int | None = strawberry.field(description=_SAMPLE)

    @classmethod
    def all(cls, crawler: model.Crawler) -> list[CrawlTarget]:
        return [
            cls(place=each.place, exclusions=list(each.exclusions), sample_size=each.sample_size)
            for each in crawler.targets
        ]


@strawberry.type(description="What happens to tables that are there already.")
class SchemaChangePolicy:
    update: model.UpdateBehavior
    delete: model.DeleteBehavior

    @classmethod
    def of(cls, policy: model.SchemaChangePolicy) -> SchemaChangePolicy:
        return cls(update=policy.update, delete=policy.delete)


@strawberry.type(description="How files become tables.")
class CrawlerConfiguration:
    table_level: int | None = strawberry.field(description=_LEVEL)
    table_threshold: int | None = strawberry.field(description=_THRESHOLD)
    combine_compatible: bool = strawberry.field(description=_COMBINE)
    merge_new_columns: bool = strawberry.field(description=_MERGE)
    header_detection: model.HeaderDetection

    @classmethod
    def of(cls, configuration: model.Configuration) -> CrawlerConfiguration:
        return cls(
            table_level=configuration.table_level,
            table_threshold=configuration.table_threshold,
            combine_compatible=configuration.combine_compatible,
            merge_new_columns=configuration.merge_new_columns,
            header_detection=configuration.header_detection,
        )


@strawberry.input(description="One place to crawl: a folder or a file.")
class CrawlTargetInput:
    place: str = strawberry.field(description="A local path or a URI.")
    exclusions: list[str] = strawberry.field(default_factory=list, description=_EXCLUSIONS)
    sample_size: int | None = strawberry.field(default=None, description=_SAMPLE)


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

    def value(self) -> model.Configuration:
        return model.Configuration(
            table_level=self.table_level,
            table_threshold=self.table_threshold,
            combine_compatible=self.combine_compatible,
            merge_new_columns=self.merge_new_columns,
            header_detection=self.header_detection,
        )


@strawberry.input(description="A whole definition: what is left out has its default, in an update too.")
class CrawlerInput:
    database: str = strawberry.field(description="The database that takes the tables.")
    targets: list[CrawlTargetInput]
    prefix: str = strawberry.field(default="", description="What the names of the tables begin with.")
    description: str | None = None
    schema_change: SchemaChangePolicyInput = strawberry.field(default_factory=SchemaChangePolicyInput)
    recrawl: model.RecrawlBehavior = model.Crawler.recrawl
    configuration: CrawlerConfigurationInput = strawberry.field(default_factory=CrawlerConfigurationInput)
    schedule: str | None = strawberry.field(
        default=None,
        description="When it crawls by itself: cron(minutes hours days months weekdays years) or rate(n unit), in UTC.",
    )

    def value(self, name: str) -> model.Crawler:
        return model.Crawler(
            name=name,
            database=self.database,
            targets=tuple(model.Target(each.place, tuple(each.exclusions), each.sample_size) for each in self.targets),
            prefix=self.prefix,
            description=self.description,
            schema_change=model.SchemaChangePolicy(self.schema_change.update, self.schema_change.delete),
            recrawl=self.recrawl,
            configuration=self.configuration.value(),
            schedule=self.schedule,
        )
