"""The routes of a run's own process: what to read, what was written, and Job.commit(). A token is good for one run."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from pydantic import BaseModel

from api.auth.audit import Asking
from api.auth.gate import Gate
from api.auth.paths import Paths, actions_of, connection_paths, table_paths
from api.auth.principals import LOCAL, RUNS
from api.session_routes import add_session_routes
from catalog.catalog import Catalog
from catalog.errors import InvalidInput, InvalidPredicate, NotFound
from catalog.model import Column, Origin, Table
from engine.engine import Engine
from engine.errors import WrongRunToken
from engine.jobs.source_options import parse_options
from engine.model import Run
from engine.reads.publishing import tell_written, where_to_write
from engine.reads.resolve import ReadPlan, Written
from engine.reads.table_formats import reader_of
from engine.reads.tracking import note_count, plan_keys, read_count, read_keys
from engine.running.runfiles import ReadRequest, list_partition_values, plan_read

# What changes the catalog; the rest is a run's own bookkeeping.
_WRITES = frozenset({"delete_partitions", "written"})


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
    partitions: list[list[str]] | None = None
    options: dict[str, Any] = {}


class PartitionBody(BaseModel):
    values: list[str]
    location: str


class PartitionsBody(BaseModel):
    values: list[list[str]]


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
    rows: int | None = None


class PlaceBody(BaseModel):
    location: str


class KeysBody(BaseModel):
    transformation_ctx: str
    keys: list[str]
    descending: bool = False


class KeysReadBody(KeysBody):
    source: str
    upto: list[str] | None = None


class CountBody(BaseModel):
    """Asks for the count, or with `count` notes it."""

    transformation_ctx: str
    count: int | None = None


def router(catalog: Catalog, engine: Engine, gate: Gate) -> APIRouter:
    """The routes, open to a run's token alone. `gate` keeps the audit of them."""
    routes = APIRouter(prefix="/runs/{run_id}")

    def caller(request: Request, run_id: Annotated[str, Path()], authorization: Annotated[str, Header()] = "") -> Run:
        scheme, _, token = authorization.partition(" ")
        asking = Asking("job", request.scope["route"].name)
        try:
            if scheme.lower() != "bearer":
                raise WrongRunToken(run=run_id)
            run = engine.check_token(run_id, token)
        except WrongRunToken:
            gate.fail(request.client.host if request.client else "unknown", asking)
            raise
        if asking.operation in _WRITES:
            gate.note_write(run_id, asking, f"run {run_id}")
        return run

    calling = Annotated[Run, Depends(caller)]

    def demand(route: str, verb: str, nouns: Sequence[str], paths: Paths) -> None:
        """Raises ExplicitlyDenied if the resource policy denies runs what they do to the catalog."""
        actions = [action for noun in nouns for action in actions_of(verb, noun)]
        gate.demand_undenied(RUNS if gate.on else LOCAL, actions, paths, Asking("job", route))

    @routes.post("/read-plan")
    def read_plan(run: calling, body: ReadBody) -> dict[str, Any]:
        if not body.paths and not (body.database and body.table):
            raise InvalidInput(what="a source", why="it names neither database and table nor paths.")
        if body.database and body.table:
            demand("read_plan", "Get", ("Table", "Partition"), table_paths(body.database, body.table))
        request = ReadRequest(
            database=body.database or "",
            table=body.table or "",
            paths=tuple(body.paths or ()),
            format=body.format or "",
            predicate=body.push_down_predicate,
            context=body.transformation_ctx,
            partitions=None if body.partitions is None else tuple(tuple(values) for values in body.partitions),
            options=parse_options(body.options),
        )
        try:
            return _plan(plan_read(catalog, engine, run, request))
        except InvalidPredicate:
            if not body.push_down_predicate:
                raise
            return _selection(*list_partition_values(catalog, request))

    @routes.get("/tables/{database}/{table}")
    def table(run: calling, database: str, table: str) -> dict[str, Any]:
        demand("table", "Get", ("Table",), table_paths(database, table))
        found = catalog.get_table(database, table)
        engine.note_table(run.id, found)
        return _table(found)

    @routes.get("/tables/{database}/{table}/partitions")
    def partitions(run: calling, database: str, table: str, predicate: str = "") -> dict[str, Any]:  # noqa: ARG001
        demand("partitions", "Get", ("Partition",), table_paths(database, table))
        found = catalog.iter_partitions(database, table, predicate or None)
        return {"partitions": [{"values": list(one.values), "location": one.storage.location} for one in found]}

    @routes.post("/tables/{database}/{table}/partitions/delete")
    def delete_partitions(run: calling, database: str, table: str, body: PartitionsBody) -> dict[str, Any]:
        demand("delete_partitions", "Delete", ("Partition",), table_paths(database, table))
        values = [tuple(each) for each in body.values]
        return {"deleted": catalog.acting_as(Origin("job", run_id=run.id)).delete_partitions(database, table, values)}

    @routes.get("/connections/{name}")
    def connection(run: calling, name: str, response: Response) -> dict[str, Any]:
        """A connection with its secrets: for a process of a run that may open it, and for no cache between."""
        demand("connection", "Get", ("Connection",), connection_paths(name))
        catalog.get_connection(name)
        engine.demand_connection(run, name)
        response.headers["Cache-Control"] = "no-store"
        found, properties = catalog.unsealed_connection(name)
        return {"name": found.name, "kind": found.kind, "properties": properties}

    @routes.post("/written")
    def written(run: calling, body: WrittenBody) -> dict[str, Any]:
        if body.update_catalog and not (body.database and body.table):
            raise InvalidInput(
                what="a sink with enableUpdateCatalog", why="setCatalogInfo names no database and table."
            )
        named = (body.database or "", body.table or "") if body.update_catalog else ("", "")
        if body.update_catalog:
            for verb in ("Create", "Update"):
                demand("written", verb, ("Table", "Partition"), table_paths(*named))
        made = tell_written(catalog, engine, run, _written(body, *named))
        return _table(made) if made else {}

    @routes.post("/stage")
    def stage(run: calling, body: PlaceBody) -> dict[str, Any]:
        return {"location": where_to_write(engine, run, body.location)}

    @routes.get("/workflow-properties")
    def workflow_properties(run: calling) -> dict[str, str]:
        return engine.get_workflow_run(_workflow_run_of(run)).properties

    @routes.put("/workflow-properties")
    def put_workflow_properties(run: calling, body: dict[str, str]) -> dict[str, str]:
        return engine.put_workflow_properties(_workflow_run_of(run), body)

    @routes.post("/commit")
    def commit(run: calling) -> dict[str, Any]:
        engine.commit_job(run.id)
        return {}

    @routes.post("/bookmark/key-plan")
    def key_plan(run: calling, body: KeysBody) -> dict[str, Any]:
        found = plan_keys(engine, run, body.transformation_ctx, body.keys, body.descending)
        return {"tracked": found.tracked, "after": found.after, "upto": found.upto, "note": found.note}

    @routes.post("/bookmark/keys-read")
    def keys_read(run: calling, body: KeysReadBody) -> dict[str, Any]:
        read_keys(engine, run, body.transformation_ctx, body.source, body.keys, body.descending, body.upto)
        return {}

    @routes.post("/bookmark/count")
    def count(run: calling, body: CountBody) -> dict[str, Any]:
        if body.count is not None:
            note_count(engine, run, body.transformation_ctx, body.count)
            return {"count": body.count}
        return {"count": read_count(engine, run, body.transformation_ctx)}

    add_session_routes(routes, caller, engine)
    return routes


def _workflow_run_of(run: Run) -> str:
    """Raises NotFound for a run of no workflow."""
    if run.workflow_run_id is None:
        raise NotFound(kind="Workflow run of run", name=run.id)
    return run.workflow_run_id


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
        rows=body.rows,
    )


def _columns(columns: tuple[Column, ...]) -> list[dict[str, str]]:
    return [{"name": column.name, "type": column.type} for column in columns]


def _selection(table: Table, partitions: list[tuple[str, ...]]) -> dict[str, Any]:
    """Any expression of Spark's may select partitions: what the catalog's grammar lacks, the run evaluates itself."""
    return {"partition_keys": _columns(table.partition_keys), "to_select": [list(values) for values in partitions]}


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
        "bookmark": {
            "tracked": plan.tracked,
            "selected": plan.selected,
            "skipped": plan.skipped,
            "reasons": plan.reasons,
            "note": plan.note,
        },
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
