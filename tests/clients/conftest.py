"""The Glue face over HTTP, for real clients; those of other packages than ours have an environment of their own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from api.app import build_app
from api.services import answering, listening
from catalog.catalog import Catalog
from catalog.db import connect, sqlite_url
from catalog.model import Origin
from engine.engine import Engine

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / ".venv-clients" / "bin"


@dataclass(frozen=True)
class Endpoint:
    """Where Glue answers, and the catalog behind it."""

    url: str
    catalog: Catalog

    def boto3(self) -> Any:
        return boto3.client(
            "glue",
            endpoint_url=self.url,
            region_name="eu-west-1",
            aws_access_key_id="any",
            aws_secret_access_key="any",
            config=Config(retries={"total_max_attempts": 1}),
        )

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """A program of the clients' environment, which finds Glue by AWS's own variable."""
        program = PROGRAMS / command[0]
        if not program.exists():
            pytest.fail(f"{program} is missing. Install it with: make {PROGRAMS.parent.name}/installed", pytrace=False)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
        given = {
            "AWS_ENDPOINT_URL_GLUE": self.url,
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            **environment,
        }
        return subprocess.run(
            [str(program), *command[1:]], env=kept | given, capture_output=True, text=True, timeout=120, check=False
        )


@pytest.fixture
def glue(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Endpoint]:
    database = tmp_path / "catalog.db"
    database.write_bytes(migrated_sqlite.read_bytes())
    engine = connect(sqlite_url(database))
    catalog = Catalog(engine, Origin("test"))
    with listening("127.0.0.1", 0) as listener, answering(build_app(catalog, Engine(engine)), listener):
        yield Endpoint(f"http://127.0.0.1:{listener.getsockname()[1]}", catalog)
    engine.dispose()
