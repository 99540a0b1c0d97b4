"""Folders in S3 with keys that obstore will not list: a level of these is empty, `.` or `..`, as in `a//b` and `a/./b`.

Arrow lists them. Their objects can be named, but not opened.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
from pyarrow import fs

from crawlers.places.aws import Access

ODD = frozenset(("", ".", ".."))


@dataclass(frozen=True)
class Listing:
    """`objects` as obstore's batches have them, without etags; `odd` keys by their ordinary folder and the rest."""

    objects: pa.RecordBatch
    odd: tuple[tuple[str, str], ...]


def list_all(bucket: str, key: str, access: Access, after: str = "", deep: bool = True) -> Listing:
    """The objects below a key (with `deep` unset, directly below) that come after another; of the odd ones all.

    Raises OSError.
    """
    selector = fs.FileSelector(f"{bucket}/{key}".rstrip("/"), recursive=deep)
    found = {
        info.path[len(bucket) + 1 :]: info
        for info in _filesystem(access).get_file_info(selector)
        if info.type is fs.FileType.File
    }
    odd = sorted(path for path in found if ODD.intersection(path.split("/")))
    keys = sorted(path for path in found.keys() - set(odd) if path.encode() > after.encode())
    objects = pa.RecordBatch.from_pydict(
        {
            "path": pa.array(keys, pa.string()),
            "size": pa.array([found[path].size for path in keys], pa.int64()),
            "last_modified": pa.array([found[path].mtime for path in keys], pa.timestamp("ms", "UTC")),
            "e_tag": pa.nulls(len(keys), pa.string()),
        }
    )
    return Listing(objects, tuple(map(_parted, odd)))


def _parted(key: str) -> tuple[str, str]:
    parts = key.split("/")
    at = next(place for place, part in enumerate(parts) if part in ODD)
    return "/".join(parts[:at]), "/".join(parts[at:])


def _filesystem(access: Access) -> fs.S3FileSystem:
    options = access.options
    return fs.S3FileSystem(
        access_key=options.get("aws_access_key_id"),
        secret_key=options.get("aws_secret_access_key"),
        session_token=options.get("aws_session_token"),
        anonymous=not access.signed,
        region=access.region,
        endpoint_override=access.endpoint,
        force_virtual_addressing="aws_virtual_hosted_style_request" in options,
        connect_timeout=5,
        request_timeout=30,
    )
