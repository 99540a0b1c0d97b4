"""Places: where data lies, whatever the scheme. A place lists its folders and opens its files; a file for each kind."""

from __future__ import annotations

from crawlers.places.local import LocalPlace
from crawlers.places.model import (
    FileEntry,
    Folder,
    FolderPath,
    Place,
    local_name,
    local_path,
    scheme_of,
    segments,
    shown,
)

__all__ = [
    "S3",
    "FileEntry",
    "Folder",
    "FolderPath",
    "Place",
    "local_name",
    "local_path",
    "open_place",
    "scheme_of",
    "segments",
    "shown",
]
S3 = ("s3", "s3a", "s3n")


def open_place(place: str) -> Place:
    """The place that `place` spells: a local path, or a URI.

    Raises PlaceNotFound, PlaceDenied, PlaceFailing, DriverMissing or UnknownScheme.
    """
    scheme = scheme_of(place)
    if scheme == "file":
        return LocalPlace(place)
    if scheme in S3:  # imported when needed: PyArrow and the drivers take a quarter of a second
        from crawlers.places.s3 import S3Place

        return S3Place(place)
    from crawlers.places.drivers import DriverPlace

    return DriverPlace(place)
