"""The aws command line, from PyPI, with nothing but another endpoint."""

from __future__ import annotations

import json
from typing import Any

from tests.clients.conftest import Endpoint


def aws(glue: Endpoint, *words: str) -> Any:
    done = glue.run("aws", "glue", *words, "--output", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout or "null")


def refusal(glue: Endpoint, *words: str) -> str:
    done = glue.run("aws", "glue", *words)
    assert done.returncode in (254, 255), done.stdout  # of the second version, and of the first
    return done.stderr.strip().removeprefix("aws: [ERROR]: ")


def test_a_table_is_made_listed_by_pages_and_refused_with_aws_s_words(glue: Endpoint) -> None:
    aws(glue, "create-database", "--database-input", "Name=Web,Description=what was looked at")
    columns = [{"Name": "url", "Type": "string"}, {"Name": "seconds", "Type": "double"}]
    for name in ("visits", "clicks", "orders"):
        table = {"Name": name, "StorageDescriptor": {"Columns": columns, "Location": f"s3://lake/{name}/"}}
        aws(glue, "create-table", "--database-name", "web", "--table-input", json.dumps(table))
    asked = ("--database-name", "web", "--page-size", "2", "--query", "TableList[].[Name,VersionId]")
    assert aws(glue, "get-tables", *asked) == [["clicks", "0"], ["orders", "0"], ["visits", "0"]]
    assert glue.catalog.get_table("web", "visits").storage.columns[1].type == "double"
    assert refusal(glue, "get-table", "--database-name", "web", "--name", "nothing") == (
        "An error occurred (EntityNotFoundException) when calling the GetTable operation: Table nothing not found."
    )
    aws(glue, "delete-database", "--name", "web")
    assert glue.catalog.find_database("web") is None
