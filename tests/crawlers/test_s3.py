"""Places in S3: the same lake gives the same tables as on disk, and each refusal says what to do."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from catalog.catalog import Catalog
from catalog.model import Database, Table
from crawlers.crawl import crawl
from crawlers.errors import CrawlStopped, FolderRefused, PlaceDenied, PlaceFailing, PlaceNotFound
from crawlers.folders import delete_folder, make_folder, move_folder
from crawlers.listing import list_files
from crawlers.model import Crawler, Target
from crawlers.places import open_place
from tests.crawlers.lakes import EVENTS, FLIGHTS, SALES, parquet, put
from tests.object_store import Bucket

BIG = parquet(id=list(range(40_000)), text=[f"{number * 7919}" for number in range(40_000)])
LAKE: Mapping[str, str | bytes] = {
    **FLIGHTS,
    "events/day=a%2Fb c/a.json": EVENTS,
    "events/day=ü/b.json": EVENTS,
    "sales/a.csv": SALES,
    "sales/b.csv": SALES,
    "big/a.parquet": BIG,
    "sales/_SUCCESS": "",
    "sales/_temporary/0/c.csv": SALES,
    "sales/d_$folder$": "",
    "sales/empty.csv": "",
    "notes/readme.txt": "prose, of all\nthings",
}


def crawler(place: str, **changes: object) -> Crawler:
    return replace(Crawler("c", "lake", (Target(place),)), **changes)  # type: ignore[arg-type]


def without_place(table: Table, root: str) -> str:
    """The table as text, its locations relative and without what differs between two catalogs."""
    text = str(replace(table, database="", created_at=None, updated_at=None, token=0))
    return text.replace(root, "")


def test_the_same_lake_gives_the_same_tables_in_s3_as_on_disk(bucket: Bucket, lake: Path, catalog: Catalog) -> None:
    catalog.create_database(Database("disk"))
    put(lake, LAKE)
    bucket.put(LAKE)
    on_disk = crawl(crawler(str(lake), database="disk"), catalog)
    in_s3 = crawl(crawler(bucket.uri()), catalog)
    roots = {"disk": f"file://{lake}/", "lake": bucket.uri()}
    found = {
        database: [without_place(table, root) for table in catalog.iter_tables(database)]
        for database, root in roots.items()
    }
    assert [table.name for table in in_s3.tables] == ["big", "events", "flights", "sales"]
    assert found["lake"] == found["disk"]
    assert in_s3.files.seen == on_disk.files.seen
    assert in_s3.files.read == on_disk.files.read
    partitions = [
        {partition.values: partition.storage.location for partition in catalog.iter_partitions(database, "events")}
        for database in roots
    ]
    assert partitions[1] == {("a/b c",): bucket.uri("events/day=a%2Fb c/"), ("ü",): bucket.uri("events/day=ü/")}
    assert set(partitions[0]) == set(partitions[1])


def test_an_object_can_be_the_place(bucket: Bucket, catalog: Catalog) -> None:
    bucket.put(LAKE)
    report = crawl(crawler(bucket.uri("sales/a.csv").replace("s3://", "s3a://")), catalog)
    assert [(table.name, table.location) for table in report.tables] == [("a", f"s3a://{bucket.name}/sales/a.csv")]


def test_a_folder_is_not_mixed_up_with_one_whose_name_goes_on(bucket: Bucket) -> None:
    bucket.put({"t/a.csv": "x", "t-old/b.csv": "x", "t/z/c.csv": "x", "t/d.csv": "x"})
    found: dict[tuple[str, ...], set[str]] = {}
    for folder in list_files(open_place(bucket.uri("t")), ()):
        found.setdefault(folder.path, set()).update(file.name for file in folder.files)
    assert found == {(): {"a.csv", "d.csv"}, ("z",): {"c.csv"}}


def test_many_keys_come_in_pages_and_each_folder_is_whole(bucket: Bucket) -> None:
    bucket.put({f"t/p={number % 3}/{number:04}.json": "{}" for number in range(1_100)})
    counted: dict[str, int] = {}
    for folder in list_files(open_place(bucket.uri("t/")), ()):
        counted[folder.path[0]] = counted.get(folder.path[0], 0) + len(folder.files)
    assert counted == {"p=0": 367, "p=1": 367, "p=2": 366}


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def told(raised: pytest.ExceptionInfo[Exception]) -> str:
    """The message, which must hold no key, whatever the store said."""
    text = str(raised.value)
    assert "secret" not in text
    return text


def test_keys_that_may_list_but_not_read_make_no_table(
    bucket: Bucket, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put(LAKE)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "lister")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "lister-secret")
    with pytest.raises(PlaceDenied, match=r"none of its files may be read.*AccessDenied") as raised:
        crawl(crawler(bucket.uri()), catalog)
    assert bucket.uri() in told(raised)
    assert list(catalog.iter_tables("lake")) == []


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("AWS_ACCESS_KEY_ID", "nobody", "InvalidAccessKeyId"),
        ("AWS_SECRET_ACCESS_KEY", "wrong", "SignatureDoesNotMatch"),
    ],
)
def test_wrong_keys_are_said_to_be_wrong(
    name: str, value: str, why: str, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put({"a.csv": SALES})
    monkeypatch.setenv(name, value)
    with pytest.raises(PlaceDenied, match=f"{why}.*give it keys") as raised:
        open_place(bucket.uri())
    told(raised)


def test_no_keys_at_all_is_said_so(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket.put({"a.csv": SALES})
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(PlaceDenied, match="no keys were found"):
        open_place(bucket.uri())


@pytest.mark.parametrize(
    ("key", "why"), [("nothing/here", "nothing lies there"), ("a.csv/deeper", "nothing lies there")]
)
def test_a_folder_that_is_not_there_is_named(key: str, why: str, bucket: Bucket) -> None:
    bucket.put({"a.csv": SALES})
    with pytest.raises(PlaceNotFound, match=f"{bucket.uri(key)} .*{why}"):
        open_place(bucket.uri(key))


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("s3://no-such-bucket/x", "no such bucket"),
        ("s3:///x", "names no bucket"),
        ("s3://me:mine@b/x", "do not belong"),
    ],
)
def test_a_bucket_that_cannot_be_is_named(place: str, why: str, bucket: Bucket) -> None:
    with pytest.raises(PlaceNotFound, match=why) as raised:
        open_place(place)
    assert "mine" not in str(raised.value)


def test_plain_http_to_another_machine_is_refused(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://192.0.2.1:9000")
    with pytest.raises(PlaceNotFound, match="AWS_ALLOW_HTTP"):
        open_place(bucket.uri())


@contextmanager
def answering(reply: bytes) -> Iterator[str]:
    """The endpoint of a store that gives every request the same answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(reply)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_store_that_fails_fails_the_crawl_after_some_tries(
    bucket: Bucket, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with answering(reply) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
        with pytest.raises(PlaceFailing, match=f"fails, also when asked again .*503.*{re.escape(endpoint)}") as raised:
            crawl(crawler(bucket.uri()), catalog)
    told(raised)
    assert list(catalog.iter_tables("lake")) == []


def test_a_stopped_crawl_of_s3_writes_nothing(bucket: Bucket, catalog: Catalog) -> None:
    bucket.put(LAKE)
    with pytest.raises(CrawlStopped):
        crawl(crawler(bucket.uri()), catalog, stop=lambda: True)
    assert list(catalog.iter_tables("lake")) == []


# ── folders ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_folders_in_s3_are_moved_and_deleted_with_all_in_them(bucket: Bucket) -> None:
    bucket.put({"t/p=1/a": "x", "t/p=2/b": "yy", "tt/c": "x"})
    make_folder(bucket.uri("new"))
    for _ in range(2):
        move_folder(bucket.uri("t"), bucket.uri("u/v"))
    assert bucket.keys() == ["tt/c", "u/v/p=1/a", "u/v/p=2/b"]
    for _ in range(2):
        delete_folder(bucket.uri("u"))
    assert bucket.keys() == ["tt/c"]


def test_a_move_that_was_cut_off_is_completed_by_its_repeat(bucket: Bucket) -> None:
    bucket.put({"t/a": "x", "t/b": "yy", "u/a": "x"})  # cut off while copying
    move_folder(bucket.uri("t"), bucket.uri("u"))
    bucket.put({"t/b": "yy"})  # … and while deleting
    move_folder(bucket.uri("t"), bucket.uri("u"))
    assert bucket.keys() == ["u/a", "u/b"]


def test_a_folder_in_s3_does_not_move_to_where_something_lies(bucket: Bucket) -> None:
    bucket.put({"t/a": "x", "u/other": "x"})
    with pytest.raises(FolderRefused, match="something lies at"):
        move_folder(bucket.uri("t"), bucket.uri("u"))
    assert bucket.keys() == ["t/a", "u/other"]


def test_a_whole_bucket_is_no_folder_to_delete(bucket: Bucket) -> None:
    bucket.put({"a": "x"})
    with pytest.raises(FolderRefused, match="whole bucket"):
        delete_folder(bucket.uri())
    assert bucket.keys() == ["a"]


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A store that lists the markers of folders, as AWS does: SeaweedFS takes them for folders."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://{host}:{port}")
    client = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1")
    client.create_bucket(Bucket="marked")
    for key, body in (("lake/", b""), ("lake/sales/", b""), ("lake/sales/a.csv", SALES.encode())):
        client.put_object(Bucket="marked", Key=key, Body=body)
    yield "s3://marked/lake"
    server.stop()


def test_a_folder_with_a_marker_of_its_own_is_crawled(marked: str, catalog: Catalog) -> None:
    report = crawl(crawler(marked), catalog)
    assert [table.name for table in report.tables] == ["sales"]
    assert [file.name for file in open_place(marked).look(("sales",)).files] == ["a.csv"]
