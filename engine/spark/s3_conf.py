"""Spark's settings for S3: the connector s3a under every name, where the store is, and how writes are committed.

Keys are not among them: they go by the environment, which s3a reads, so that no file and no log has them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from crawlers.places.aws import Access
from engine.model import Encryption
from engine.spark.jars import S3Connector

_HADOOP = "spark.hadoop."
_S3A = f"{_HADOOP}fs.s3a."
_CONNECTOR = "org.apache.hadoop.fs.s3a.S3AFileSystem"
# s3a of Hadoop 3.3 reads as numbers what Hadoop 3.5's defaults spell with units; these are the same amounts.
_NUMBERS = {
    "threads.keepalivetime": "60",
    "connection.establish.timeout": "30000",
    "connection.timeout": "200000",
    "connection.ttl": "300000",
    "connection.request.timeout": "0",
    "multipart.purge.age": "86400",
}
_PROVIDERS = "org.apache.hadoop.fs.s3a"
_KEY_PROVIDERS = (f"{_PROVIDERS}.TemporaryAWSCredentialsProvider", f"{_PROVIDERS}.SimpleAWSCredentialsProvider")
_MACHINE = f"{_PROVIDERS}.auth.IAMInstanceCredentialsProvider"
_ENVIRONMENT = ("com.amazonaws.auth.EnvironmentVariableCredentialsProvider",
                "software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider")  # fmt: skip
_WEB_IDENTITY = ("com.amazonaws.auth.WebIdentityTokenCredentialsProvider",
                 "software.amazon.awssdk.auth.credentials.WebIdentityTokenFileCredentialsProvider")  # fmt: skip
_MAGIC = {
    f"{_S3A}committer.name": "magic",
    f"{_S3A}committer.magic.enabled": "true",
    f"{_HADOOP}mapreduce.outputcommitter.factory.scheme.s3": f"{_PROVIDERS}.commit.S3ACommitterFactory",
    f"{_HADOOP}mapreduce.outputcommitter.factory.scheme.s3a": f"{_PROVIDERS}.commit.S3ACommitterFactory",
    "spark.sql.sources.commitProtocolClass": "org.apache.spark.internal.io.cloud.PathOutputCommitProtocol",
    "spark.sql.parquet.output.committer.class": "org.apache.spark.internal.io.cloud.BindingParquetOutputCommitter",
}
# Their names by whether the connector is an old one.
_ENCRYPTED = {
    False: ("encryption.algorithm", "encryption.key"),
    True: ("server-side-encryption-algorithm", "server-side-encryption.key"),
}
_RENAMING = {f"{_HADOOP}mapreduce.fileoutputcommitter.algorithm.version": "1"}
# Of a missing connector Spark then says which, and the driver what to do about it.
NAMES = {f"{_HADOOP}fs.s3.impl": _CONNECTOR, f"{_HADOOP}fs.s3n.impl": _CONNECTOR, f"{_HADOOP}fs.s3a.impl": _CONNECTOR}


def s3_conf(
    connector: S3Connector, access: Access, magic: bool, encryption: Encryption | None = None
) -> dict[str, str]:
    """`magic`: commit without renaming, if the connector can; `encryption`: how the store encrypts what is written."""
    old = connector.version is not None and connector.version < (3, 4)
    conf = {**NAMES, f"{_S3A}endpoint.region": access.region}
    if access.endpoint:
        conf[f"{_S3A}endpoint"] = access.endpoint.rstrip("/")
        conf[f"{_S3A}connection.ssl.enabled"] = str(access.endpoint.startswith("https:")).lower()
        conf[f"{_S3A}path.style.access"] = str("aws_virtual_hosted_style_request" not in access.options).lower()
    conf[f"{_S3A}aws.credentials.provider"] = ",".join(_providers(access, old))
    if old:
        conf |= {f"{_S3A}{name}": value for name, value in _NUMBERS.items()}
    if encryption is not None:
        conf |= _encrypted(encryption, old)
    return conf | (_MAGIC if connector.magic and magic else _RENAMING)


def _encrypted(encryption: Encryption, old: bool) -> dict[str, str]:
    algorithm, key = _ENCRYPTED[old]
    conf = {f"{_S3A}{algorithm}": "AES256" if encryption.mode == "SSE-S3" else str(encryption.mode)}
    return conf if encryption.key is None else conf | {f"{_S3A}{key}": encryption.key}


def s3_environment(access: Access) -> dict[str, str]:
    """The keys, as variables that s3a and AWS's own tools read."""
    keys = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    return {name.upper(): access.options[name] for name in keys if name in access.options}


def _providers(access: Access, old: bool, environment: Mapping[str, str] = os.environ) -> list[str]:
    if not access.signed:
        return [f"{_PROVIDERS}.AnonymousAWSCredentialsProvider"]
    found = [*_KEY_PROVIDERS, _ENVIRONMENT[0 if old else 1]]
    if environment.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        found.append(_WEB_IDENTITY[0 if old else 1])
    return [*found, _MACHINE]
