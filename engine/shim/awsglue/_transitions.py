"""Transitions: moving the files of a folder or a table to another storage class of S3, by copying each onto itself.

Only S3 has storage classes, and not every store that speaks its language; elsewhere it is refused by name. A file
that was moved is a changed file for job bookmarks. Needs boto3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pyspark.sql import SparkSession

from awsglue._manifests import write_manifests
from awsglue._purging import Choosing, Done, choosing, table_folders
from awsglue._service import get_service

CLASSES = (
    *("STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "REDUCED_REDUNDANCY"),
    *("GLACIER", "GLACIER_IR", "DEEP_ARCHIVE"),
)
LARGEST_COPY = 5 * 1024**3
_WORD_ONLY = ("seaweedfs",)  # keeps the name of a storage class that it is given, and has none


class StorageClassError(Exception):
    """Files cannot be moved to a storage class where they are."""


def transition_path(
    session: SparkSession, path: str, transition_to: str, options: Mapping[str, Any] | None = None
) -> Done:
    """Move the files below `path` that were last changed before the retention period. Options as for purging;
    accountId and roleArn are passed over.

    ValueError for a class that S3 does not know; StorageClassError where the store has none.
    """
    target, chosen = _known(transition_to), choosing(options)
    found = Done()
    _move(path, target, chosen, found)
    write_manifests(session, chosen.manifests, found.done, found.failed)
    return found


def transition_table(
    session: SparkSession,
    database: str,
    table_name: str,
    transition_to: str,
    options: Mapping[str, Any] | None = None,
) -> Done:
    """As transition_path, of a catalog table, or of its partitions that the option partitionPredicate selects."""
    target, chosen = _known(transition_to), choosing(options)
    found = Done()
    service = get_service(f"Moving the table {database}.{table_name} to {target}")
    for _, folder in table_folders(service, database, table_name, chosen.predicate):
        _move(folder, target, chosen, found)
    write_manifests(session, chosen.manifests, found.done, found.failed)
    return found


def _known(name: str) -> str:
    found = str(name).strip().upper()
    if found not in CLASSES:
        raise ValueError(f"{name!r} is no storage class; they are {', '.join(CLASSES)}.")
    return found


def _move(path: str, target: str, chosen: Choosing, found: Done) -> None:
    place = urlsplit(path)
    if place.scheme not in ("s3", "s3a", "s3n"):
        raise StorageClassError(f"{path} cannot be moved to the storage class {target}: only S3 has storage classes.")
    client, proven = _client(path, target), False
    if _server(client, place.netloc).startswith(_WORD_ONLY):
        raise _without_class(path, target)
    for entry in _listed(client, place.netloc, place.path.strip("/")):
        current = entry.get("StorageClass") or "STANDARD"
        if entry["LastModified"].timestamp() * 1000 > chosen.before_ms or current in {target, *chosen.excluded}:
            continue
        name = f"{place.scheme}://{place.netloc}/{entry['Key']}"
        why = _copied(client, place.netloc, entry, target)
        if why is not None:
            found.failed.append((name, why))
            continue
        if not proven:
            _demand_moved(client, place.netloc, entry["Key"], target, path)
            proven = True
        found.done.append(name)


def _client(path: str, target: str) -> Any:
    try:
        import boto3
    except ImportError as error:
        why = "it needs boto3, which is not installed: pip install boto3"
        raise StorageClassError(f"{path} cannot be moved to the storage class {target}: {why}") from error
    return boto3.session.Session().client("s3")  # keys as they are now, not as an earlier session had them


def _listed(client: Any, bucket: str, key: str) -> Iterator[dict[str, Any]]:
    """The object of that key, and all below the folder of that name."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
    for page in pages:
        for entry in page.get("Contents", ()):
            if not key or entry["Key"] == key or entry["Key"].startswith(f"{key}/"):
                yield entry


def _copied(client: Any, bucket: str, entry: dict[str, Any], target: str) -> str | None:
    """None if the object was copied onto itself, else why not."""
    from botocore.exceptions import ClientError

    if entry["Size"] > LARGEST_COPY:
        return "it is larger than 5 GB, the most that S3 copies at once"
    source = {"Bucket": bucket, "Key": entry["Key"]}
    try:
        client.copy_object(
            Bucket=bucket, Key=entry["Key"], CopySource=source, StorageClass=target, MetadataDirective="COPY"
        )
    except ClientError as error:
        return str(error.response["Error"].get("Message") or error.response["Error"]["Code"])
    return None


def _server(client: Any, bucket: str) -> str:
    """What the store calls itself, in lower case."""
    answer = client.list_objects_v2(Bucket=bucket, MaxKeys=1)
    return str(answer["ResponseMetadata"]["HTTPHeaders"].get("server", "")).lower()


def _without_class(path: str, target: str) -> StorageClassError:
    return StorageClassError(f"{path} cannot be moved to the storage class {target}: its store does not have it.")


def _demand_moved(client: Any, bucket: str, key: str, target: str, path: str) -> None:
    """A store without storage classes takes the copy and forgets the class."""
    now = client.head_object(Bucket=bucket, Key=key).get("StorageClass") or "STANDARD"
    if now != target:
        raise _without_class(path, target)
