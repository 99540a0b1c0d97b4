"""Jars without Maven: out of packages of PyPI's, each fetched once and kept in .cache/jars.

Also a program: `python -m tests.jars` fetches them and says where they are.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import pytest

CACHE = Path(__file__).parents[1] / ".cache" / "jars"


@dataclass(frozen=True)
class Jars:
    """Those jars of a package's archive whose names fit a pattern."""

    package: str
    names: str
    kind: str  # what pip is to fetch: --no-binary or --only-binary


_S3 = Jars("sagemaker_pyspark==1.4.5", r"hadoop-aws-3\.3\.1|aws-java-sdk-bundle-1\.11\.901", "--no-binary")
_ICEBERG = Jars(
    "bodo-iceberg-connector==2026.10",
    r"iceberg-(api|aws|bundled-guava|common|core)-.*|.*-2\.29\.26|reactive-streams-.*|caffeine-.*",
    "--only-binary",
)


def s3_jars() -> Path:
    """The folder of hadoop-aws 3.3.1 and its SDK, 193 MB out of 180 MB. The test fails if they cannot be fetched."""
    return _fetched(_S3)


def iceberg_jars() -> Path:
    """The folder of Iceberg's GlueCatalog 1.5.2 and its SDK, out of 139 MB. The test fails if they cannot be fetched.

    Hadoop and what else Iceberg takes from Spark is not among them.
    """
    return _fetched(_ICEBERG)


def _fetched(jars: Jars) -> Path:
    folder = CACHE / jars.package.replace("==", "-")
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=CACHE.parent) as scratch:
            whole = Path(scratch) / "jars"
            whole.mkdir()
            for name, source in _members(_download(jars, Path(scratch))):
                if re.fullmatch(rf"(.*/)?({jars.names})\.jar", name):
                    with (whole / name.rpartition("/")[2]).open("wb") as file:
                        shutil.copyfileobj(source, file)
            whole.replace(folder)
    return folder


def _download(jars: Jars, folder: Path) -> Path:
    words = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", jars.kind, ":all:"]
    done = subprocess.run([*words, "--dest", str(folder), jars.package], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.fail(f"The tests need jars out of {jars.package}: {done.stderr[-500:]}", pytrace=False)
    [archive] = (each for each in folder.iterdir() if each.suffix in {".gz", ".whl"})
    return archive


def _members(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as packed:
            for name in packed.namelist():
                with packed.open(name) as source:
                    yield name, source
        return
    with tarfile.open(archive) as packed_tar:
        for member in packed_tar:
            if (file := packed_tar.extractfile(member)) is not None:
                with file:
                    yield member.name, file


if __name__ == "__main__":
    print(s3_jars(), iceberg_jars(), sep="\n")
