"""The console's pages as they are served: all that they name comes from us, and nothing runs inside them."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.app import build_app
from api.console.pages import BUNDLE, asset_routes, page
from tests.api.graphql.conftest import Client, client  # noqa: F401

BUILD = "build the pages: .venv/bin/pip install -e ."
TYPES = {".js": "text/javascript", ".css": "text/css", ".ttf": "font/ttf"}


def get(app: object, path: str, **request: object) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as sender:
            return await sender.get(path, **request)  # type: ignore[arg-type]

    return asyncio.run(send())


@pytest.fixture
def app(client: Client) -> object:  # noqa: F811
    return build_app(client.catalog, client.engine)


def test_the_page_of_graphql_names_only_files_of_ours(app: object) -> None:
    served = get(app, "/graphql")
    assert served.headers["content-type"].startswith("text/html")
    assert "GraphQL" in served.text
    named = re.findall(r'(?:src|href)="([^"]+)"', served.text)
    files = [each for each in named if not each.startswith("data:")]
    assert files, BUILD
    for path in files:
        assert path.startswith("/console/assets/"), path
        found = get(app, path)
        assert (found.status_code, found.headers["content-type"].split(";")[0]) == (200, TYPES[Path(path).suffix])
        assert "immutable" in found.headers["cache-control"]
    assert "http:" not in served.text
    assert "https:" not in served.text


def test_no_script_runs_inside_the_page_nor_from_elsewhere(app: object) -> None:
    served = get(app, "/graphql")
    assert re.findall(r"<script(?![^>]*\bsrc=)", served.text) == []
    assert re.findall(r"\son\w+=", served.text) == []
    policy = dict(each.strip().split(" ", 1) for each in served.headers["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["script-src"], policy["connect-src"]) == ("'none'", "'self'", "'self'")


def test_all_files_of_the_bundle_are_served_with_types_that_browsers_take(app: object) -> None:
    files = sorted((BUNDLE / "assets").iterdir())
    assert len(files) > 5, BUILD
    for path in files:
        assert get(app, f"/console/assets/{path.name}").headers["content-type"].startswith(TYPES[path.suffix])


@pytest.mark.parametrize(
    "path", ["", "gone.js", "../graphiql.html", "..%2fgraphiql.html", "%2e%2e/%2e%2e/pages.py", "..\\graphiql.html"]
)
def test_nothing_else_is_served(app: object, path: str) -> None:
    assert get(app, f"/console/assets/{path}").status_code == 404


def test_a_page_that_was_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    told = bytes(page("graphiql", tmp_path).body).decode()
    assert "pip install -e ." in told
    assert "/graphql/schema.graphql" in told
    app = FastAPI()
    app.include_router(asset_routes(tmp_path))
    assert get(app, "/console/assets/main.js").status_code == 404
