"""The catalog's values as GraphQL asks for them, answers them and takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from catalog import model
from catalog import statistics as figures
from catalog.model import (
    Column,
    Database,
    Function,
    Origin,
    Partition,
    Resource,
    SerDe,
    SortColumn,
    StorageDescriptor,
    Table,
    TableVersion,
)

Json = dict[str, Any]

PAIRS = "parameters { name value }"
COLUMN = f"name type comment {PAIRS}"
STORAGE = f"""storage {{
  columns {{ {COLUMN} }} location inputFormat outputFormat serde {{ name library {PAIRS} }} compressed numberOfBuckets
  bucketColumns sortColumns {{ name ascending }} {PAIRS} storedAsSubDirectories
}}"""
DATABASE = f"name description location {PAIRS} version createdAt"
DEFINITION = f"""{STORAGE} partitionKeys {{ {COLUMN} }} {PAIRS} tableType description owner retention viewOriginalText
  viewExpandedText lastAccessedAt"""
TABLE = f"database name version token createdAt updatedAt {DEFINITION}"
VERSION = f"version createdAt restoredFrom origin {{ face principal runId }} {DEFINITION}"
FUNCTION = "database name className owner ownerType functionType resources { type uri } createdAt"
PARTITION = f"values createdAt {PAIRS} {STORAGE}"
STATISTICS = "column type kind low high nulls distinct trues falses longest averageLength analyzedAt"
CONNECTION = """name kind description properties { name value } secrets matchCriteria
  surroundings { subnet securityGroups availabilityZone } version createdAt updatedAt"""


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def pairs(settings: Mapping[str, str]) -> list[Json]:
    return [{"name": name, "value": value} for name, value in settings.items()]


def mapping(found: list[Json]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in found}


def of_database(value: Database) -> Json:
    return {"description": value.description, "location": value.location, "parameters": pairs(value.parameters)}


def database(found: Json) -> Database:
    parameters = mapping(found["parameters"])
    made = moment(found["createdAt"])
    return Database(found["name"], found["description"], found["location"], parameters, found["version"], made)


def of_column(value: Column) -> Json:
    return {"name": value.name, "type": value.type, "comment": value.comment, "parameters": pairs(value.parameters)}


def columns(found: list[Json]) -> tuple[Column, ...]:
    return tuple(Column(each["name"], each["type"], each["comment"], mapping(each["parameters"])) for each in found)


def of_storage(value: StorageDescriptor) -> Json:
    serde = {"name": value.serde.name, "library": value.serde.library, "parameters": pairs(value.serde.parameters)}
    return {
        "columns": list(map(of_column, value.columns)),
        "location": value.location,
        "inputFormat": value.input_format,
        "outputFormat": value.output_format,
        "serde": serde,
        "compressed": value.compressed,
        "numberOfBuckets": value.number_of_buckets,
        "bucketColumns": list(value.bucket_columns),
        "sortColumns": [{"name": each.name, "ascending": each.ascending} for each in value.sort_columns],
        "parameters": pairs(value.parameters),
        "storedAsSubDirectories": value.stored_as_sub_directories,
    }


def storage(found: Json) -> StorageDescriptor:
    serde = found["serde"]
    return StorageDescriptor(
        columns(found["columns"]),
        found["location"],
        found["inputFormat"],
        found["outputFormat"],
        SerDe(serde["library"], mapping(serde["parameters"]), serde["name"]),
        found["compressed"],
        found["numberOfBuckets"],
        tuple(found["bucketColumns"]),
        tuple(SortColumn(each["name"], each["ascending"]) for each in found["sortColumns"]),
        mapping(found["parameters"]),
        found["storedAsSubDirectories"],
    )


def of_table(value: Table) -> Json:
    return {
        "storage": of_storage(value.storage),
        "partitionKeys": list(map(of_column, value.partition_keys)),
        "parameters": pairs(value.parameters),
        "tableType": value.table_type,
        "description": value.description,
        "owner": value.owner,
        "retention": value.retention,
        "viewOriginalText": value.view_original_text,
        "viewExpandedText": value.view_expanded_text,
        "lastAccessedAt": value.last_accessed_at and value.last_accessed_at.isoformat(),
    }


def definition(found: Json, database: str, name: str, **state: Any) -> Table:
    return Table(
        database,
        name,
        storage(found["storage"]),
        columns(found["partitionKeys"]),
        found["tableType"],
        mapping(found["parameters"]),
        found["description"],
        found["owner"],
        found["retention"],
        found["viewOriginalText"],
        found["viewExpandedText"],
        moment(found["lastAccessedAt"]),
        **state,
    )


def table(found: Json) -> Table:
    made, changed = moment(found["createdAt"]), moment(found["updatedAt"])
    state = {"version": found["version"], "token": found["token"], "created_at": made, "updated_at": changed}
    return definition(found, found["database"], found["name"], **state)


def version(found: Json, database: str, name: str, table_made: str) -> TableVersion:
    made = moment(found["createdAt"])
    assert made is not None
    number, who = found["version"], found["origin"]
    times = {"created_at": moment(table_made), "updated_at": made}
    then = definition(found, database.lower(), name.lower(), version=number, **times)
    origin = Origin(who["face"], who["principal"], who["runId"])
    return TableVersion(then, number, made, origin, found["restoredFrom"])


def of_function(value: Function) -> Json:
    return {
        "className": value.class_name,
        "owner": value.owner,
        "ownerType": value.owner_type,
        "functionType": value.function_type,
        "resources": [{"type": each.type, "uri": each.uri} for each in value.resources],
    }


def function(found: Json) -> Function:
    resources = tuple(Resource(each["type"], each["uri"]) for each in found["resources"])
    own = (found["className"], found["owner"], found["ownerType"], found["functionType"])
    return Function(found["database"], found["name"], *own, resources, moment(found["createdAt"]))


def of_partition(value: Partition) -> Json:
    return {
        "values": list(value.values),
        "storage": of_storage(value.storage),
        "parameters": pairs(value.parameters),
    }


def partition(found: Json) -> Partition:
    made = moment(found["createdAt"])
    return Partition(tuple(found["values"]), storage(found["storage"]), mapping(found["parameters"]), made)


_WIRE = {"average_length": "averageLength"}


def of_statistics(value: figures.ColumnStatistics) -> Json:
    kind = next(name for name, each in figures.KINDS.items() if isinstance(value.values, each))
    given = {_WIRE.get(each.name, each.name): getattr(value.values, each.name) for each in fields(value.values)}
    bounds = {name: str(given[name]) for name in ("low", "high") if given.get(name) is not None}
    return {"column": value.column, "type": value.type, "kind": kind.upper(), **given, **bounds}


def statistics(found: Json) -> figures.ColumnStatistics:
    kind = figures.KINDS[found["kind"].lower()]
    bound: Any = {"double": float, "decimal": Decimal}.get(found["kind"].lower(), int)
    given = {each.name: found[_WIRE.get(each.name, each.name)] for each in fields(kind)}
    bounds = {name: bound(given[name]) for name in ("low", "high") if given.get(name) is not None}
    values: Any = kind(**{**given, **bounds})
    return figures.ColumnStatistics(found["column"], found["type"], values, moment(found["analyzedAt"]))


def of_connection(value: model.Connection, secrets: Mapping[str, str]) -> Json:
    around = value.surroundings
    return {
        "kind": value.kind,
        "description": value.description,
        "properties": pairs(value.properties),
        "secrets": pairs(secrets),
        "keptSecrets": list(value.secrets),
        "matchCriteria": list(value.match_criteria),
        "surroundings": around
        and {
            "subnet": around.subnet,
            "securityGroups": list(around.security_groups),
            "availabilityZone": around.availability_zone,
        },
    }


def connection(found: Json) -> model.Connection:
    around = found["surroundings"]
    return model.Connection(
        found["name"],
        found["kind"],
        found["description"],
        mapping(found["properties"]),
        tuple(found["secrets"]),
        tuple(found["matchCriteria"]),
        model.Surroundings(around["subnet"], tuple(around["securityGroups"]), around["availabilityZone"])
        if around
        else None,
        found["version"],
        moment(found["createdAt"]),
        moment(found["updatedAt"]),
    )
