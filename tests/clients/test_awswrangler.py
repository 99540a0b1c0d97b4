"""awswrangler's catalog functions, and its datasets in a store that speaks S3."""

from __future__ import annotations

import json
from pathlib import Path

from tests.clients.conftest import Endpoint
from tests.object_store import Bucket, ObjectStore


def test_a_dataset_is_written_evolved_read_and_removed(
    glue: Endpoint, bucket: Bucket, object_store: ObjectStore
) -> None:
    bucket.put({"seen": "so that the bucket is there"})
    done = glue.run(
        "python",
        str(Path(__file__).with_name("wrangling.py")),
        f"s3://{bucket.name}/words/",
        **object_store.environment(),
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    parameters = found.pop("parameters")
    assert (parameters["classification"], parameters["team"]) == ("parquet", "data")
    assert found == {
        "databases": ["lake"],
        "tables": ["words"],
        "types": {"id": "bigint", "word": "string", "size": "double", "day": "string"},
        "comments": {"id": None, "word": "what was said", "size": None, "day": None},
        "description": "words",
        "partitions": [["d1"], ["d2"], ["d3"]],
        "some": [["d2"], ["d3"]],
        "versions": 1,  # awswrangler skips the archive unless it is told otherwise
        "search": ["words"],
        "read": [1, 2],
        "there": True,
        "left": [["d2"], ["d3"]],
        "deleted": True,
        "gone": True,
    }
