"""The HTTP application: GraphQL, a run's own routes, health and metrics, behind checks of Host and Origin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select, text
from starlette.types import ASGIApp, Receive, Scope, Send

from api import runs as run_routes
from api.errors import told
from api.graphql.endpoint import graphql_routes
from catalog import rows as catalog_rows
from catalog.catalog import Catalog
from catalog.db import reading
from catalog.errors import DomainError, StoreUnavailable
from engine import rows as engine_rows
from engine.engine import Engine

_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


def build_app(catalog: Catalog, engine: Engine) -> ASGIApp:
    """The whole application; what it needs is given, nothing is read from the environment."""
    app = FastAPI(title="Isinglass", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(DomainError, _refuse)
    app.include_router(run_routes.router(catalog, engine))
    app.include_router(graphql_routes(catalog, engine))
    registry = CollectorRegistry()
    registry.register(_Counts(catalog))

    @app.get("/health")
    def health() -> Response:
        try:
            with reading(catalog.engine) as connection:
                connection.execute(text("SELECT 1"))
        except StoreUnavailable as error:
            return JSONResponse({"status": "unavailable", "database": str(error)}, status_code=503)
        return JSONResponse({"status": "ok", "database": "ok"})

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return LocalOnly(app)


class LocalOnly:
    """Refuses requests that a page of another site could have made the browser send: by their Host or Origin."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (refusal := _foreign(scope)):
            body = {"error": {"code": "FORBIDDEN", "message": refusal}}
            await JSONResponse(body, status_code=403)(scope, receive, send)
            return
        if scope["type"] == "websocket" and _foreign(scope):
            await send({"type": "websocket.close", "code": 1008})
            return
        await self.app(scope, receive, send)


def _foreign(scope: Scope) -> str | None:
    headers = {name: value.decode("latin-1") for name, value in scope["headers"] if name in (b"host", b"origin")}
    host = headers.get(b"host", "")
    if _name(f"//{host}") not in _LOCAL:
        return f"Host {host!r} is not this service's; use 127.0.0.1 or localhost."
    origin = headers.get(b"origin")
    if origin is not None and _name(origin) not in _LOCAL:
        return f"Requests from pages of {origin} are not taken."
    return None


def _name(url: str) -> str | None:
    """The host that `url` names; None if it names none, or is no URL."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _refuse(_request: Request, error: Exception) -> Response:
    if not isinstance(error, DomainError):
        raise error
    known = told(error)
    return JSONResponse({"error": {"code": known.code, "message": str(error)}}, status_code=known.status)


class _Counts(Collector):
    """Figures for Prometheus, counted in the database when asked."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def collect(self) -> Iterator[Any]:
        with reading(self.catalog.engine) as connection:
            for name, table in (
                ("databases", catalog_rows.databases),
                ("tables", catalog_rows.tables),
                ("partitions", catalog_rows.partitions),
                ("jobs", engine_rows.jobs),
            ):
                count = connection.execute(select(func.count()).select_from(table)).scalar_one()
                yield GaugeMetricFamily(f"isinglass_{name}", f"Number of {name} in the catalog.", value=count)
            c = engine_rows.runs.c
            family = GaugeMetricFamily("isinglass_runs", "Number of runs by kind and state.", labels=["kind", "state"])
            for kind, state, count in connection.execute(
                select(c.kind, c.state, func.count()).group_by(c.kind, c.state)
            ):
                family.add_metric([kind, state], count)
            yield family
