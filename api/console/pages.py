"""The pages of the bundle that `hatch_build.py` makes, and the files below /console/ that they name."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from starlette.staticfiles import StaticFiles

BUNDLE = Path(__file__).with_name("dist")
# Nothing from elsewhere, and no script in a page itself. Monaco, the editor, writes its styles into the page.
POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_NAMED_BY_CONTENT = "public, max-age=31536000, immutable"
_MISSING = """<!doctype html>
<html lang="en">
<title>Isinglass</title>
<h1>This page has not been built</h1>
<p>The pages are built when Isinglass is installed, with packages of npm. Have npm's registry in reach, and install
Isinglass again: <code>pip install -e .</code> in its folder, or <code>make demo</code>.</p>
<p>GraphQL answers here all the same: POST a JSON object with <code>query</code>, and <code>variables</code> and
<code>operationName</code> where they are needed. The schema is
<a href="/graphql/schema.graphql">schema.graphql</a>.</p>
</html>
"""


def page(name: str, bundle: Path = BUNDLE) -> Response:
    """A page of the bundle; where there is none, one that says how to build it."""
    path = bundle / f"{name}.html"
    if not path.exists():
        return HTMLResponse(_MISSING)
    return FileResponse(path, headers={"content-security-policy": POLICY, "cache-control": "no-cache"})


def asset_routes(bundle: Path = BUNDLE) -> APIRouter:
    """The files that the pages name."""
    routes = APIRouter(prefix="/console/assets")
    files = StaticFiles(directory=bundle / "assets", check_dir=False)

    @routes.get("/{path:path}")
    async def asset(request: Request, path: str) -> Response:
        found = await files.get_response(path, request.scope)
        found.headers["cache-control"] = _NAMED_BY_CONTENT
        return found

    return routes
