"""The options that describe a crawl, for a bare place as for a stored crawler, and what they make of a definition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from api.cli.catalog import split_name
from api.cli.options import pairs
from crawlers.configuration import read_configuration
from crawlers.model import (
    CatalogTarget,
    CloudSettings,
    CrawlEngine,
    Crawler,
    DeleteBehavior,
    DeltaTarget,
    DynamoDbTarget,
    HudiTarget,
    IcebergTarget,
    JdbcTarget,
    LakeFormation,
    LineageSettings,
    MongoDbTarget,
    RecrawlBehavior,
    Target,
    UpdateBehavior,
)
from crawlers.places import open_place
from crawlers.validity import with_some_target

PlacesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="PLACE", help="Folders or files, as paths or URIs.")
]
DatabaseOption = Annotated[
    str | None, typer.Option("--database", metavar="DB", help="The database that takes the tables.")
]
PrefixOption = Annotated[str | None, typer.Option("--prefix", metavar="P", help="What the tables' names begin with.")]
ExcludeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude", metavar="GLOB", help="Files to leave out, relative to PLACE, such as **/*.tmp; may be repeated."
    ),
]
SampleOption = Annotated[
    int | None, typer.Option("--sample-size", metavar="N", help="Read N files of each folder (1 to 249), not all.")
]
TableNameOption = Annotated[
    str | None, typer.Option("--table-name", metavar="NAME", help="What the table is called if PLACE holds one.")
]
ConfigurationOption = Annotated[
    str | None, typer.Option("--configuration", metavar="JSON", help="As Glue writes it; or @FILE that holds it.")
]
ChangeOption = Annotated[
    UpdateBehavior | None, typer.Option("--on-change", help="What happens to a table whose data changed.")
]
GoneOption = Annotated[
    DeleteBehavior | None, typer.Option("--on-gone", help="What happens to a table whose data are gone.")
]
RecrawlOption = Annotated[
    RecrawlBehavior | None, typer.Option("--recrawl", help="What is looked at when it crawls again.")
]
ClassifierOption = Annotated[
    list[str] | None, typer.Option("--classifier", metavar="NAME", help="Asked before the built-in ones, in order.")
]
JdbcOption = Annotated[
    list[str] | None,
    typer.Option("--jdbc", metavar="CONNECTION=PATH", help="Tables of a server: database/schema/table, % for any."),
]
EngineOption = Annotated[
    CrawlEngine | None, typer.Option("--engine", help="What reads the files: this process, or Spark's executors.")
]
DeltaOption = Annotated[list[str] | None, typer.Option("--delta", metavar="PLACE", help="The folder of a Delta table.")]
IcebergOption = Annotated[
    list[str] | None, typer.Option("--iceberg", metavar="PLACE", help="A folder with Iceberg tables.")
]
TableOption = Annotated[
    list[str] | None,
    typer.Option("--table", metavar="DB.TABLE", help="A table of the catalog to look at where it lies."),
]
_KEPT = "kept for clients of Glue, not used here"
MongoDbOption = Annotated[
    list[str] | None,
    typer.Option("--mongodb", metavar="CONNECTION=PATH", help=f"A database/collection: {_KEPT}."),
]
DynamoDbOption = Annotated[
    list[str] | None, typer.Option("--dynamodb", metavar="TABLE", help=f"A table of DynamoDB: {_KEPT}.")
]
HudiOption = Annotated[
    list[str] | None, typer.Option("--hudi", metavar="PLACE", help=f"A folder with Hudi tables: {_KEPT}.")
]
RoleOption = Annotated[str | None, typer.Option("--role", metavar="ROLE", help=f"A role of AWS: {_KEPT}.")]
SecurityOption = Annotated[
    str | None, typer.Option("--security-configuration", metavar="NAME", help=f"Glue's, by its name: {_KEPT}.")
]
LineageOption = Annotated[LineageSettings | None, typer.Option("--lineage", help=f"Glue's switch: {_KEPT}.")]
LakeFormationOption = Annotated[
    str | None,
    typer.Option("--lake-formation", metavar="ACCOUNT", help=f"Ask Lake Formation of this account for keys: {_KEPT}."),
]


@dataclass(frozen=True)
class Described:
    """What was given on the command line; None leaves what there is."""

    database: str | None = None
    prefix: str | None = None
    places: list[str] | None = None
    exclude: list[str] | None = None
    sample_size: int | None = None
    table_name: str | None = None
    configuration: str | None = None
    on_change: UpdateBehavior | None = None
    on_gone: DeleteBehavior | None = None
    recrawl: RecrawlBehavior | None = None
    classifiers: list[str] | None = None
    jdbc: list[str] | None = None
    delta: list[str] | None = None
    iceberg: list[str] | None = None
    tables: list[str] | None = None
    description: str | None = None
    schedule: str | None = None
    engine: CrawlEngine | None = None
    mongodb: list[str] | None = None
    dynamodb: list[str] | None = None
    hudi: list[str] | None = None
    role: str | None = None
    security_configuration: str | None = None
    lineage: LineageSettings | None = None
    lake_formation: str | None = None


def described(crawler: Crawler, given: Described) -> Crawler:
    """`crawler` with what was given in its place. Raises PlaceNotFound for a place that is not there."""
    targets = [Target(absolute(place)) for place in given.places] if given.places else list(crawler.targets)
    changes: dict[str, object] = {
        "targets": tuple(_target(target, given) for target in targets),
        "jdbc_targets": tuple(JdbcTarget(*pair) for pair in pairs(given.jdbc, "CONNECTION=PATH").items())
        if given.jdbc
        else None,
        "delta_targets": tuple(map(DeltaTarget, map(absolute, given.delta))) if given.delta else None,
        "iceberg_targets": tuple(map(IcebergTarget, map(absolute, given.iceberg))) if given.iceberg else None,
        "catalog_targets": _catalog_targets(given.tables) if given.tables else None,
        "classifiers": tuple(given.classifiers) if given.classifiers else None,
        "mongodb_targets": tuple(MongoDbTarget(*pair) for pair in pairs(given.mongodb, "CONNECTION=PATH").items())
        if given.mongodb
        else None,
        "dynamodb_targets": tuple(map(DynamoDbTarget, given.dynamodb)) if given.dynamodb else None,
        "hudi_targets": tuple(map(HudiTarget, map(_whole, given.hudi))) if given.hudi else None,
        "cloud": _cloud(crawler.cloud, given),
    }
    for name in ("database", "prefix", "recrawl", "description", "schedule", "engine"):
        changes[name] = getattr(given, name)
    policy = crawler.schema_change
    changes["schema_change"] = replace(
        policy, update=given.on_change or policy.update, delete=given.on_gone or policy.delete
    )
    changed = replace(crawler, **{name: value for name, value in changes.items() if value is not None})  # type: ignore[arg-type]
    return with_some_target(_configured(changed, given.configuration))


def _target(target: Target, given: Described) -> Target:
    return replace(
        target,
        exclusions=tuple(given.exclude) if given.exclude else target.exclusions,
        sample_size=given.sample_size or target.sample_size,
        table_name=given.table_name or target.table_name,
    )


def _cloud(cloud: CloudSettings, given: Described) -> CloudSettings:
    return CloudSettings(
        role=given.role or cloud.role,
        security_configuration=given.security_configuration or cloud.security_configuration,
        lineage=given.lineage or cloud.lineage,
        lake_formation=LakeFormation(True, given.lake_formation) if given.lake_formation else cloud.lake_formation,
    )


def _catalog_targets(names: list[str]) -> tuple[CatalogTarget, ...]:
    tables: dict[str, list[str]] = {}
    for name in names:
        database, table = split_name(name)
        tables.setdefault(database, []).append(table)
    return tuple(CatalogTarget(database, tuple(found)) for database, found in tables.items())


def _configured(crawler: Crawler, text: str | None) -> Crawler:
    if text is None:
        return crawler
    if text.startswith("@"):
        text = _content(Path(text[1:]))
    configuration, names = read_configuration(text)
    targets = tuple(
        replace(target, table_name=names.get(target.place, target.table_name)) for target in crawler.targets
    )
    return replace(crawler, configuration=configuration, targets=targets)


def _content(file: Path) -> str:
    try:
        return file.expanduser().read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} cannot be read: {getattr(error, 'strerror', error)}") from error


def absolute(place: str) -> str:
    """`place` so that it means the same wherever the service runs. Raises PlaceNotFound."""
    place = _whole(place)
    open_place(place)
    return place


def _whole(place: str) -> str:
    return place if "://" in place else str(Path(place).expanduser().absolute())


def spelled_out(place: str) -> str:
    """An object's location: a path from the root on, with a slash at the end of a folder's; a URI as it is."""
    if "://" in place:
        return place
    path = Path(place).expanduser().absolute()
    return f"{path}/" if place.endswith("/") or path.is_dir() else str(path)
