"""What a crawler looks at, in Glue's shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from api.glue.failures import OperationNotSupported
from crawlers import model
from crawlers.model import Crawler

Shape = Mapping[str, Any]

_MAPPED = ("ConnectionName", "EventQueueArn", "DlqEventQueueArn")  # of targets that need none of them here


def with_targets(crawler: Crawler, given: Shape, names: Mapping[str, str]) -> Crawler:
    """The crawler with the targets given; `names` tell what the tables of places are called.

    Raises OperationNotSupported for a connection or queue by which a target would be reached.
    """
    return replace(
        crawler,
        targets=tuple(_s3(each, names) for each in given.get("S3Targets") or ()),
        jdbc_targets=tuple(_jdbc(each) for each in given.get("JdbcTargets") or ()),
        delta_targets=tuple(target for each in given.get("DeltaTargets") or () for target in _delta(each)),
        iceberg_targets=tuple(
            model.IcebergTarget(path, *_depth(each))
            for each in given.get("IcebergTargets") or ()
            for path in _paths(each)
        ),
        hudi_targets=tuple(
            model.HudiTarget(path, *_depth(each)) for each in given.get("HudiTargets") or () for path in _paths(each)
        ),
        catalog_targets=tuple(_catalog(each) for each in given.get("CatalogTargets") or ()),
        mongodb_targets=tuple(
            model.MongoDbTarget(each.get("ConnectionName") or "", each.get("Path") or "", each.get("ScanAll", True))
            for each in given.get("MongoDBTargets") or ()
        ),
        dynamodb_targets=tuple(
            model.DynamoDbTarget(each.get("Path") or "", each.get("scanAll", True), each.get("scanRate"))
            for each in given.get("DynamoDBTargets") or ()
        ),
    )


def _refuse(given: Shape, *members: str) -> None:
    for member in members:
        if given.get(member):
            raise OperationNotSupported(f"{member} of a target is not supported: places are reached without it here.")


def _s3(given: Shape, names: Mapping[str, str]) -> model.Target:
    _refuse(given, "ConnectionName")
    path = given.get("Path") or ""
    return model.Target(
        path,
        tuple(given.get("Exclusions") or ()),
        given.get("SampleSize"),
        names.get(path),
        given.get("EventQueueArn"),
        given.get("DlqEventQueueArn"),
    )


def _jdbc(given: Shape) -> model.JdbcTarget:
    return model.JdbcTarget(
        given.get("ConnectionName") or "",
        given.get("Path") or "",
        tuple(given.get("Exclusions") or ()),
        tuple(model.JdbcMetadata(each) for each in given.get("EnableAdditionalMetadata") or ()),
    )


def _delta(given: Shape) -> list[model.DeltaTarget]:
    _refuse(given, "ConnectionName")
    native, manifest = given.get("CreateNativeDeltaTable", False), given.get("WriteManifest", False)
    return [model.DeltaTarget(path, bool(native), bool(manifest)) for path in given.get("DeltaTables") or ()]


def _paths(given: Shape) -> Sequence[str]:
    _refuse(given, "ConnectionName")
    return given.get("Paths") or ()


def _depth(given: Shape) -> tuple[tuple[str, ...], int]:
    return tuple(given.get("Exclusions") or ()), given.get("MaximumTraversalDepth") or model.IcebergTarget.max_depth


def _catalog(given: Shape) -> model.CatalogTarget:
    _refuse(given, *_MAPPED)
    return model.CatalogTarget(given["DatabaseName"], tuple(given["Tables"]))


def targets_shape(crawler: Crawler) -> dict[str, Any]:
    """AWS tells an empty list of what there is none of."""
    return {
        "S3Targets": [
            {
                "Path": each.place,
                "Exclusions": list(each.exclusions),
                "SampleSize": each.sample_size,
                "EventQueueArn": each.event_queue,
                "DlqEventQueueArn": each.dead_letter_queue,
            }
            for each in crawler.targets
        ],
        "JdbcTargets": [
            {
                "ConnectionName": each.connection,
                "Path": each.path,
                "Exclusions": list(each.exclusions),
                "EnableAdditionalMetadata": [word.value for word in each.metadata],
            }
            for each in crawler.jdbc_targets
        ],
        "MongoDBTargets": [
            {"ConnectionName": each.connection, "Path": each.path, "ScanAll": each.scan_all}
            for each in crawler.mongodb_targets
        ],
        "DynamoDBTargets": [
            {"Path": each.table, "scanAll": each.scan_all, "scanRate": each.scan_rate}
            for each in crawler.dynamodb_targets
        ],
        "CatalogTargets": [
            {"DatabaseName": each.database, "Tables": list(each.tables)} for each in crawler.catalog_targets
        ],
        "DeltaTargets": [
            {"DeltaTables": [each.place], "WriteManifest": each.manifest, "CreateNativeDeltaTable": each.native}
            for each in crawler.delta_targets
        ],
        "IcebergTargets": [_folders(each) for each in crawler.iceberg_targets],
        "HudiTargets": [_folders(each) for each in crawler.hudi_targets],
    }


def _folders(target: model.IcebergTarget | model.HudiTarget) -> dict[str, Any]:
    return {
        "Paths": [target.place],
        "Exclusions": list(target.exclusions),
        "MaximumTraversalDepth": target.max_depth,
    }
