"""A job run of a service with auth and TLS on: Spark reaches the catalog by Hive, its script by the run's routes."""

from __future__ import annotations

from pathlib import Path

from api.services import serving
from catalog.model import Column, Database, SerDe, StorageDescriptor, Table
from engine.model import Job
from engine.states import RunState
from tests.api.auth.test_exposure import certificate, opened

__all__ = ["certificate"]

SCRIPT = """
from awsglue.context import GlueContext
from pyspark.context import SparkContext

glue = GlueContext(SparkContext.getOrCreate())
frame = glue.create_dynamic_frame.from_catalog(database="shop", table_name="orders")
print("by the run's routes", frame.count())
print("by Hive", glue.spark_session.sql("SELECT sum(id) FROM shop.orders").first()[0])
glue.spark_session.sql("CREATE DATABASE made")
"""


def test_a_spark_job_works_as_it_does_without_auth(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    core = opened(tmp_path, auth="on", tls_certificate=certificate[0], tls_key=certificate[1])
    place = tmp_path / "orders"
    place.mkdir()
    (place / "a.csv").write_text("1\n2\n3\n")
    serde = SerDe("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", {"field.delim": ","})
    storage = StorageDescriptor(
        (Column("id", "int"),),
        place.as_uri(),
        "org.apache.hadoop.mapred.TextInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        serde,
    )
    core.catalog.create_database(Database("shop"))
    core.catalog.create_table(Table("shop", "orders", storage, parameters={"classification": "csv"}))
    core.engine.create_job(Job("totals", "totals.py", {"--enable-glue-datacatalog": ""}, script_text=SCRIPT))
    with serving(core, "127.0.0.1", 0, 0) as service:
        run = core.engine.start_job_run("totals")
        ended = service.worker.work_off(run.id)
    log = core.engine.read_log(run.id, "output").text
    assert ended.state is RunState.SUCCEEDED, (ended.detail, log)
    assert "by the run's routes 3\nby Hive 6\n" in log
    assert core.catalog.get_database("made")
    told = {(each.principal, each.face, each.operation, each.allowed) for each in core.access.list_audit().items}
    assert told == {("runs", "hive", "create_database", True)}
