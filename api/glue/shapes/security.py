"""Security configurations in Glue's shape: what this service can have encrypted, and what it has not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.glue.failures import Invalid, OperationNotSupported
from engine.model import Encryption, SecurityConfiguration

Shape = Mapping[str, Any]
_DISABLED = "DISABLED"
# What is DISABLED here, whatever is asked: the member, that of its mode, and why.
_NOT_HERE = (
    ("CloudWatchEncryption", "CloudWatchEncryptionMode", "logs of runs are files beside the catalog"),
    ("JobBookmarksEncryption", "JobBookmarksEncryptionMode", "bookmarks are rows of the catalog's database"),
    ("DataQualityEncryption", "DataQualityEncryptionMode", "results of data quality are not kept apart"),
)


def configuration_value(name: str, given: Shape) -> SecurityConfiguration:
    """Raises Invalid; OperationNotSupported for what nothing here would encrypt."""
    for member, mode, why in _NOT_HERE:
        asked = (given.get(member) or {}).get(mode, _DISABLED)
        if asked != _DISABLED:
            raise OperationNotSupported(f"{mode} {asked} is not supported: {why}, and no key of KMS encrypts them.")
    s3 = given.get("S3Encryption") or []
    if len(s3) > 1:
        raise Invalid("S3Encryption has one element at most.")
    return SecurityConfiguration(name, _encryption(s3[0]) if s3 else None)


def _encryption(given: Shape) -> Encryption | None:
    mode, key = given.get("S3EncryptionMode", _DISABLED), given.get("KmsKeyArn")
    if mode == _DISABLED:
        return None
    if (mode == "SSE-KMS") is not bool(key):
        raise Invalid("S3EncryptionMode SSE-KMS needs KmsKeyArn, and no other mode has one.")
    return Encryption("SSE-KMS" if mode == "SSE-KMS" else "SSE-S3", key)


def configuration_shape(configuration: SecurityConfiguration) -> dict[str, Any]:
    s3 = configuration.s3
    told = {"S3EncryptionMode": s3.mode if s3 else _DISABLED, "KmsKeyArn": s3.key if s3 else None}
    return {
        "Name": configuration.name,
        "CreatedTimeStamp": configuration.created_at,
        "EncryptionConfiguration": {
            "S3Encryption": [told],
            **{member: {mode: _DISABLED} for member, mode, _ in _NOT_HERE[:2]},
        },
    }
