"""The HTTP application: Glue's API, GraphQL, a run's own routes, health and metrics, behind the gate."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select, text
from starlette.types import ASGIApp

from api import runs as run_routes
from api.auth.access import Access
from api.auth.audit import Asking
from api.auth.gate import Gate
from api.auth.http import LOOPBACK, Headers, OwnNames, Tokens
from api.auth.principals import WHOLE, Action
from api.console.pages import asset_routes
from api.errors import told
from api.glue.account import OWN_ACCOUNT
from api.glue.app import GlueApp, GlueFirst
from api.glue.permissions import Signed
from api.glue.signing import Unchecked
from api.graphql.endpoint import graphql_routes
from catalog import rows as catalog_rows
from catalog.catalog import Catalog
from catalog.db import reading
from catalog.errors import DomainError, StoreUnavailable
from engine import rows as engine_rows
from engine.engine import Engine


def build_app(
    catalog: Catalog,
    engine: Engine,
    gate: Gate | None = None,
    names: Collection[str] = LOOPBACK,
    account: str = OWN_ACCOUNT,
    introspection: bool = True,
) -> ASGIApp:
    """The whole application; what it needs is given, nothing is read from the environment.

    Without a `gate`, everybody is let in. `names` are the hosts that it answers as, `account` is whose catalog it is to
    clients of Glue; `introspection` says whether GraphQL tells its schema.
    """
    gate = gate or Gate(Access(catalog.engine, catalog.sealer), account=account)
    app = _bare()
    app.include_router(run_routes.router(catalog, engine, gate))
    app.include_router(graphql_routes(catalog, engine, gate, introspection))
    app.include_router(asset_routes())
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
    def metrics(request: Request) -> Response:
        gate.demand(gate.principal(request.scope), Action.VIEW, WHOLE, Asking("http", "metrics"))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    glue = GlueApp(catalog, engine, account, Signed(gate) if gate.on else Unchecked(), gate=gate)
    return Headers(OwnNames(GlueFirst(glue, Tokens(app, gate)), names))


def build_run_app(catalog: Catalog, engine: Engine, gate: Gate) -> ASGIApp:
    """The routes of runs alone, for runs on this machine, where the whole application is not on loopback."""
    app = _bare()
    app.include_router(run_routes.router(catalog, engine, gate))
    return Headers(OwnNames(app))


def _bare() -> FastAPI:
    app = FastAPI(title="Isinglass", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(DomainError, _refuse)
    return app


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
