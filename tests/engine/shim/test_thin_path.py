"""The path every first job takes: catalog CSV, mapping, join, partitioned parquet with catalog update, commit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.engine.shim.peer import Peer, plan

if TYPE_CHECKING:
    from awsglue.context import GlueContext


def test_a_job_reads_maps_joins_writes_and_commits(glue: GlueContext, peer: Peer, tmp_path: Path) -> None:
    from awsglue.job import Job
    from awsglue.transforms import ApplyMapping, Join

    (tmp_path / "orders" / "day=2026-01-01").mkdir(parents=True)
    (tmp_path / "orders" / "day=2026-01-02").mkdir(parents=True)
    first, second = (tmp_path / "orders" / f"day=2026-01-0{n}" / "a.csv" for n in (1, 2))
    first.write_text("id,who,amount\n1,7,9.50\n2,8,x\n")
    second.write_text("id,who,amount\n3,7,1\n4,,2\n")
    people = tmp_path / "people.csv"
    people.write_text("7|Ada\n8|Bob\n|Nobody\n")
    out = tmp_path / "out"
    peer.give(
        "POST",
        "read-plan",
        plan(
            (["2026-01-01"], first.parent, [first]),
            (["2026-01-02"], second.parent, [second]),
            columns="id:int who:bigint amount:decimal(8,2)",
            keys="day:date",
            location=tmp_path / "orders",
            withHeader=True,
        ),
        plan(([], tmp_path, [people]), columns="who:bigint name:string", separator="|"),
    )
    job = Job(glue)
    job.init("nightly", {"JOB_NAME": "nightly"})
    orders = glue.create_dynamic_frame.from_catalog(database="shop", table_name="orders", transformation_ctx="o")
    mapped = ApplyMapping.apply(
        frame=orders,
        mappings=[
            ("id", "int", "order.id", "long"),
            ("amount", "decimal(8,2)", "order.amount", "double"),
            ("who", "bigint", "who", "bigint"),
            ("day", "date", "day", "date"),
        ],
    )
    names = glue.create_dynamic_frame.from_catalog(name_space="shop", table_name="people")
    joined = Join.apply(mapped, names, "who", "who")
    sink = glue.getSink(
        connection_type="s3",
        path=f"file://{out}/",
        enableUpdateCatalog=True,
        updateBehavior="UPDATE_IN_DATABASE",
        partitionKeys=["day"],
        transformation_ctx="s",
    )
    sink.setFormat("glueparquet")
    sink.setCatalogInfo(catalogDatabase="shop", catalogTableName="named_orders")
    errors = sink.writeFrame(joined)
    job.commit()

    assert errors.name == "orderspeople_errors"
    assert sorted(path.name for path in out.iterdir()) == ["day=2026-01-01", "day=2026-01-02"]
    rows = glue.spark_session.read.parquet(str(out)).orderBy("order.id").collect()
    assert [(r["order"].id, r["order"].amount, r[".who"], r["who"], r["name"], str(r["day"])) for r in rows] == [
        (1, 9.5, 7, 7, "Ada", "2026-01-01"),
        (2, None, 8, 8, "Bob", "2026-01-01"),
        (3, 1.0, 7, 7, "Ada", "2026-01-02"),
    ]
    [written] = peer.bodies("written")
    assert written == {
        "transformation_ctx": "s",
        "database": "shop",
        "table": "named_orders",
        "location": f"file://{out}/",
        "format": "glueparquet",
        "options": {},
        "columns": [
            {"name": "order", "type": "struct<id:bigint,amount:double>"},
            {"name": ".who", "type": "bigint"},
            {"name": "who", "type": "bigint"},
            {"name": "name", "type": "string"},
        ],
        "partition_keys": [{"name": "day", "type": "date"}],
        "partitions": [
            {"values": ["2026-01-01"], "location": f"file://{out}/day=2026-01-01/"},
            {"values": ["2026-01-02"], "location": f"file://{out}/day=2026-01-02/"},
        ],
        "update_catalog": True,
        "update_behavior": "UPDATE_IN_DATABASE",
        "rows": 3,
    }
    assert [path for _, path, _ in peer.calls] == ["read-plan", "read-plan", "stage", "written", "commit"]
    assert peer.bodies("read-plan")[0] == {
        "database": "shop",
        "table": "orders",
        "paths": None,
        "format": None,
        "transformation_ctx": "o",
        "push_down_predicate": "",
        "options": {},
    }
