"""The routes of a run's own process: what to read, what was written, and Job.commit(). A token is good for one run."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path
from pydantic import BaseModel

from catalog.catalog import Catalog
from catalog.errors import InvalidInput
from catalog.model import Column, Table
from engine.engine import Engine
from engine.errors import WrongRunToken
from engine.model import Run
from engine.resolve import ReadPlan, Written, reader_of
from engine.runfiles import ReadRequest, plan_read, take_in


class ColumnBody(BaseModel):
    name: str
    type: str


class ReadBody(BaseModel):
    database: str | None = None
    table: str | None = None
    paths: list[str] | None = None
    format: str | None = None
    transformation_ctx: str = ""
    push_down_predicate: str = ""


class PartitionBody(BaseModel):
    values: list[str]
    location: str


class WrittenBody(BaseModel):
    database: str | None = None
    table: str | None = None
    location: str
    format: str
    options: dict[str, Any] = {}
    columns: list[ColumnBody]
    partition_keys: list[ColumnBody] = []
    partitions: list[PartitionBody] = []
    update_catalog: bool = False
    update_behavior: str = "UPDATE_IN_DATABASE"


def router(catalog: Catalog, engine: Engine) -> APIRouter:
    routes = APIRouter(prefix="/runs/{run_id}")

    def caller(run_id: Annotated[str, Path()], authorization: Annotated[str, Header()] = "") -> Run:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise WrongRunToken(run=run_id)
        return engine.check_token(run_id, token)

    calling = Annotated[Run, Depends(caller)]

    @routes.post("/read-plan")
    def read_plan(run: calling, body: ReadBody) -> dict[str, Any]:
        if not body.paths and not (body.database and body.table):
            raise InvalidInput(what="a source", why="it names neither database and table nor paths.")
        request = ReadRequest(
            database=body.database or "",
            table=body.table or "",
            paths=tuple(body.paths or ()),
            format=body.format or "",
            predicate=body.push_down_predicate,
            context=body.transformation_ctx,
        )
        return _plan(plan_read(catalog, engine, run, request))

    @routes.get("/tables/{database}/{table}")
    def table(run: calling, database: str, table: str) -> dict[str, Any]:  # noqa: ARG001 — the token is checked
        return _table(catalog.get_table(database, table))

    @routes.post("/written")
    def written(run: calling, body: WrittenBody) -> dict[str, Any]:
        if not body.update_catalog:
            return {}
        if not body.database or not body.table:
            raise InvalidInput(
                what="a sink with enableUpdateCatalog", why="setCatalogInfo names no database and table."
            )
        return _table(take_in(catalog, run, _written(body, body.database, body.table)))

    @routes.post("/commit")
    def commit(run: calling) -> dict[str, Any]:
        engine.commit_job(run.id)
        return {}

    return routes


def _written(body: WrittenBody, database: str, table: str) -> Written:
    return Written(
        database=database,
        table=table,
        location=body.location,
        format=body.format.removeprefix("glue"),  # glueparquet is Parquet
        columns=tuple(Column(column.name.lower(), column.type) for column in body.columns),
        partition_keys=tuple(Column(column.name.lower(), column.type) for column in body.partition_keys),
        partitions=tuple((tuple(partition.values), partition.location) for partition in body.partitions),
        options=body.options,
        update_schema=body.update_behavior != "LOG",
    )


def _columns(columns: tuple[Column, ...]) -> list[dict[str, str]]:
    return [{"name": column.name, "type": column.type} for column in columns]


def _plan(plan: ReadPlan) -> dict[str, Any]:
    return {
        "name": plan.name,
        "format": plan.format,
        "location": plan.location,
        "options": plan.options,
        "columns": _columns(plan.columns),
        "partition_keys": _columns(plan.partition_keys),
        "groups": [
            {
                "values": list(group.values),
                "location": group.location,
                "files": [
                    {"path": file.path, "size": file.size, "modified_ms": file.modified_ms} for file in group.files
                ],
            }
            for group in plan.groups
        ],
        "bookmark": {"tracked": plan.tracked, "selected": plan.selected, "skipped": plan.skipped},
    }


def _table(table: Table) -> dict[str, Any]:
    reader, options = reader_of(table)
    return {
        "database": table.database,
        "table": table.name,
        "location": table.storage.location,
        "format": reader,
        "options": options,
        "columns": _columns(table.storage.columns),
        "partition_keys": _columns(table.partition_keys),
    }
