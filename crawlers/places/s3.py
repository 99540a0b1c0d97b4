"""Places in S3 and in stores that speak its language, listed and read by obstore."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain
from typing import Any, BinaryIO, cast

import obstore
import pyarrow as pa
from obstore.exceptions import BaseError, InvalidPathError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from crawlers.errors import PlaceDenied, PlaceFailing, PlaceNotFound
from crawlers.places.aws import Access, find_access
from crawlers.places.model import FileEntry, Folder, FolderPath, scheme_of, shown
from crawlers.places.ranges import RangeFile

PAGE = 1_000  # what S3 lists at once
RETRIES: Any = {"max_retries": 4, "retry_timeout": timedelta(seconds=30)}
CLIENT: Any = {"timeout": timedelta(seconds=30), "connect_timeout": timedelta(seconds=5)}
_DENIED = frozenset(
    ("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "AllAccessDisabled",
     "AccountProblem", "RequestTimeTooSkewed")
)  # fmt: skip
_FAULT = (BaseError, OSError, ValueError)


class S3Place:
    """A bucket, a folder in it, or an object."""

    concurrency = 16

    def __init__(self, place: str) -> None:
        self._place = shown(place)
        bucket, _, key = re.sub(r"^[^:]+:(//)?", "", place).partition("/")
        if "@" in bucket or not bucket:
            why = "it names no bucket" if not bucket else "keys do not belong in it; give them as AWS_ACCESS_KEY_ID …"
            raise PlaceNotFound(place=self._place, why=why)
        key = "/".join(part for part in key.split("/") if part)
        try:
            self.access = find_access()
            self._store = S3Store(bucket, config=store_options(bucket, self.access), client_options=CLIENT,
                                  retry_config=RETRIES)  # fmt: skip
        except _FAULT as error:
            raise PlaceNotFound(place=self._place, why=_first_line(error)) from error
        self._bucket = bucket
        self._odd: tuple[tuple[str, str], ...] = ()
        self._begun = self._first_page(key)
        self.only = None
        if self._begun is None and key:
            self.only = self._find_object(key)
            key = key.rpartition("/")[0]
        self._prefix = f"{key}/" if key else ""
        self.root = f"{scheme_of(place)}://{bucket}/{self._prefix}"

    def _first_page(self, key: str) -> Iterator[Any] | None:
        """The listing from its first page on, kept for `walk`: to look twice would be to pay twice. None if empty."""
        pages = self._pages(key)
        first = next(pages, None)
        return None if first is None else chain((first,), pages)

    def _find_object(self, key: str) -> str:
        try:
            obstore.head(self._store, key)
        except FileNotFoundError as error:
            raise PlaceNotFound(place=self._place, why="nothing lies there") from error
        except _FAULT as error:
            raise self._failure(error) from error
        return key.rpartition("/")[2]

    def _pages(self, key: str) -> Iterator[pa.RecordBatch]:
        last = ""
        try:
            for found in obstore.list(self._store, key or None, chunk_size=PAGE, return_arrow=True):
                page = pa.record_batch(found)
                last = page["path"][-1].as_py() if page.num_rows else last
                yield page
        except InvalidPathError:
            yield self._list_odd(key, last, deep=True)
        except _FAULT as error:
            raise self._failure(error) from error

    def _list_odd(self, key: str, after: str, deep: bool) -> pa.RecordBatch:
        from crawlers.places.s3_odd_keys import list_all

        try:
            listing = list_all(self._bucket, key, self.access, after, deep)
        except _FAULT as error:
            raise self._failure(error) from error
        self._odd = listing.odd
        return listing.objects

    def walk(self, enter: Callable[[FolderPath], bool]) -> Iterator[Folder]:
        if self.only is not None:
            yield Folder((), (self._head(self.only),))
            return
        pages, self._begun = self._begun or self._pages(self._prefix.rstrip("/")), None
        entered: dict[str, FolderPath | None] = {"": ()}
        above: str | None = None
        files: list[FileEntry] = []
        for page in pages:
            for key, size, modified_ms, etag in _entries(page):
                folder, _, name = key[len(self._prefix) :].rpartition("/")
                if folder != above:
                    if files and above is not None and (path := entered[above]) is not None:
                        yield Folder(path, tuple(files))
                    above, files = folder, []
                    _enter(folder, entered, enter)
                if name:  # a marker of the place itself, as consoles make, has none
                    files.append(FileEntry(name, size, modified_ms, etag or ""))
        if files and above is not None and (path := entered[above]) is not None:
            yield Folder(path, tuple(files))
        for folder, rest in self._odd:
            path = _enter(folder[len(self._prefix) :], entered, enter)
            if path is not None:
                yield Folder(path, (FileEntry(rest, 0),))

    def _head(self, name: str) -> FileEntry:
        try:
            found = obstore.head(self._store, self._prefix + name)
        except _FAULT as error:
            raise self._failure(error) from error
        return FileEntry(name, found["size"], int(found["last_modified"].timestamp() * 1000), found["e_tag"] or "")

    def look(self, path: FolderPath) -> Folder:
        inner = self._prefix + "/".join(path)
        try:
            found = obstore.list_with_delimiter(self._store, inner or None, return_arrow=False)["objects"]
        except InvalidPathError:
            return Folder(path, tuple(_files(self._list_odd(inner, "", deep=False))))
        except _FAULT as error:
            raise self._failure(error) from error
        files = [
            FileEntry(
                entry["path"].rpartition("/")[2],
                entry["size"],
                int(entry["last_modified"].timestamp() * 1000),
                entry["e_tag"] or "",
            )
            for entry in found
            if entry["path"] != inner  # the folder's own marker
        ]
        return Folder(path, tuple(files))

    def open(self, path: str) -> BinaryIO:
        return cast(BinaryIO, RangeFile(lambda start, end: self._fetch(self._prefix + path, start, end)))

    def _fetch(self, key: str, start: int, end: int) -> tuple[bytes, int]:
        """Bytes of an object, and how many it has."""
        try:
            found = obstore.get(self._store, key, options={"range": (start, end)})
            return found.bytes().to_bytes(), found.meta["size"]
        except _FAULT as error:
            raise file_failure(error) from error

    def _failure(self, error: Exception) -> PlaceNotFound | PlaceDenied | PlaceFailing:
        code, why = told(error)
        if code == "NoSuchBucket":
            return PlaceNotFound(place=self._place, why="there is no such bucket")
        if code in _DENIED or isinstance(error, (PermissionDeniedError, UnauthenticatedError)):
            signed = "" if self.access.signed else "no keys were found, so the request was not signed; "
            return PlaceDenied(place=self._place, why=signed + why)
        where = f" at {self.access.endpoint}" if self.access.endpoint else f" in region {self.access.region}"
        return PlaceFailing(place=self._place, why=why + where)


def store_options(bucket: str, access: Access) -> Any:
    """obstore's settings for a bucket: with virtual hosts, an endpoint of one's own has the bucket before its name."""
    options = dict(access.options)
    if "aws_virtual_hosted_style_request" in options and access.endpoint:
        scheme, _, host = options["aws_endpoint"].partition("://")
        options["aws_endpoint"] = f"{scheme}://{bucket}.{host}"
    return options


def told(error: Exception) -> tuple[str, str]:
    """S3's code for a failure (empty if it gave none), and a sentence. Nothing else of the answer: it may hold keys."""
    text = str(error)
    if "/latest/api/token" in text or "/latest/meta-data" in text:
        return "AccessDenied", "no keys were found, and this machine's cloud gives it none"
    code = re.search(r"<Code>(\w+)</Code>", text)
    message = re.search(r"<Message>([^<]*)</Message>", text)
    if code:
        return code[1], f"{code[1]}: {message[1].rstrip('.')}" if message else code[1]
    if status := re.search(r"status code: (\d{3}[\w ]*)", text):
        codes = {"403": "AccessDenied", "401": "AccessDenied"}
        return codes.get(status[1][:3], ""), f"the store answered {status[1].strip()}"
    if "redirect without LOCATION" in text:
        return "", "the bucket is in another region; set AWS_REGION"
    if "error sending request" in text or "timed out" in text:
        return "", "nothing answers in time"
    return "", _first_line(error)


def _first_line(error: Exception) -> str:
    return re.sub(r"https?://\S*", "…", str(error).partition("\n")[0])[:200].rstrip(". ") or type(error).__name__


def file_failure(error: Exception) -> OSError:
    """A failure of obstore as one of files, with nothing of the store's answer but its code and sentence."""
    code, why = told(error)
    if isinstance(error, FileNotFoundError):
        return FileNotFoundError(errno.ENOENT, "it is not there any more")
    if code in _DENIED or isinstance(error, (PermissionDeniedError, UnauthenticatedError)):
        return PermissionError(errno.EACCES, why)
    if code == "InvalidRange":
        return OSError(errno.EINVAL, "it became shorter while it was read")
    return ConnectionError(errno.EIO, why)


def _entries(page: pa.RecordBatch) -> Iterator[tuple[str, int, int, str | None]]:
    modified_ms = page["last_modified"].cast(pa.timestamp("ms", "UTC"), safe=False).cast(pa.int64())
    columns: list[list[Any]] = [page["path"].to_pylist(), page["size"].to_pylist(), modified_ms.to_pylist()]
    return zip(*columns, page["e_tag"].to_pylist(), strict=True)


def _files(page: pa.RecordBatch) -> Iterator[FileEntry]:
    """Of a page that holds one folder alone."""
    for key, size, modified_ms, etag in _entries(page):
        yield FileEntry(key.rpartition("/")[2], size, modified_ms, etag or "")


def _enter(
    folder: str, entered: dict[str, FolderPath | None], enter: Callable[[FolderPath], bool]
) -> FolderPath | None:
    """The folder's path; None if it, or one above it, is not to be entered. Each is asked for once."""
    if folder not in entered:
        above, _, name = folder.rpartition("/")
        outer = _enter(above, entered, enter)
        path = None if outer is None else (*outer, name)
        entered[folder] = path if path is not None and enter(path) else None
    return entered[folder]
