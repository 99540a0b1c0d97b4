"""Scripts that are made of data flows run on the shim, unmodified, over the catalog's tables."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.graph.expressions import arguments_in
from engine.graph.model import Argument, Edge, Graph, Node
from engine.graph.plans import TableName, Target, mappings_of, plan
from engine.graph.writing import script_of
from tests.engine.shim.scripts.lake import Lake

Script = Callable[..., object]
pytestmark = pytest.mark.filterwarnings("ignore:Deprecated in 3.0.0:FutureWarning")  # SQLContext, which scripts use

# (id, type, what it is made of, its arguments as Python spells them)
STEPS = (
    ("orders", "DataSource", (), 'connection_type="s3", format="json", connection_options='
     '{"paths": ["s3://lake/orders/"]}'),
    ("lines", "DataSource", (), 'database="shop", table_name="lines"'),
    ("both", "Join", ("orders", "lines"), 'keys1=["id"], keys2=["order_id"]'),
    ("mapped", "ApplyMapping", ("both",),
     'mapping=[("id", "int", "id", "long"), ("to.city", "string", "city", "string"),'
     ' ("sku", "sku"), ("note", "note"), ("amount", "string", "amount", "int")]'),
    ("named", "RenameField", ("mapped",), 'old_name="sku", new_name="article"'),
    ("less", "DropFields", ("named",), 'paths=["note"]'),
    ("some", "Filter", ("less",), 'f=lambda row: re.match("b|c", row["city"]) is not None'),
    ("bare", "DropNullFields", ("some",), ""),
    ("parts", "SplitRows", ("bare",), 'comparison_dict={"amount": {">": 2}}, name1="much", name2="little"'),
    ("much", "SelectFromCollection", ("parts",), 'key="much"'),
    ("chosen", "SelectFields", ("much",), 'paths=["id", "article", "amount"]'),
    ("one", "Coalesce", ("chosen",), "num_partitions=1"),
    ("out", "DataSink", ("one",), 'connection_type="s3", connection_options={"path": "s3://lake/out/"}, format="json"'),
)  # fmt: skip


def test_a_flow_of_many_transforms_runs(lake: Lake, run_script: Script) -> None:
    lay_out_shop(lake)
    run_script(runnable(flow()))
    found = lake.records("out")
    assert sorted((row["id"], row["article"], row["amount"]) for row in found) == [(2, "pear", 3)]
    assert {tuple(row) for row in found} == {("id", "article", "amount")}


def test_the_plan_of_a_mapping_copies_one_table_into_another(lake: Lake, run_script: Script) -> None:
    lay_out_shop(lake)
    lake.declare("shop.amounts", "amounts", "parquet", ["amount:bigint", "sku:string"], [])
    source, sink = (lake.catalog.get_table("shop", name) for name in ("lines", "amounts"))
    mappings = mappings_of(source, [sink])
    assert [(each.target_path, each.source_type, each.target_type) for each in mappings] == [
        ("amount", "int", "long"),
        ("sku", "string", "string"),
    ]
    names = TableName("shop", "lines"), TableName("shop", "amounts")
    run_script(runnable(plan(mappings, names[0], [Target(names[1])])))
    assert sorted(row["amount"] for row in lake.records("amounts")) == [1, 2, 3]


def lay_out_shop(lake: Lake) -> None:
    lake.lay("orders/a.json", '{"id": 1, "to": {"city": "ayr"}}\n{"id": 2, "to": {"city": "bath"}, "note": null}\n')
    lake.lay("lines/a.csv", "1,fig,1\n2,plum,2\n2,pear,3\n")
    lake.declare("shop.lines", "lines", "csv", ["order_id:int", "sku:string", "amount:int"], [])


def flow() -> Graph:
    nodes = tuple(Node(name, kind, _arguments(told)) for name, kind, _, told in STEPS)
    edges = tuple(Edge(source, name) for name, _, sources, _ in STEPS for source in sources)
    return Graph(nodes, edges)


def _arguments(told: str) -> tuple[Argument, ...]:
    return tuple(Argument(name, value) for name, value in arguments_in(told))


def runnable(graph: Graph) -> str:
    """The script, but that this process has a Spark already."""
    return script_of(graph).replace("SparkContext()", "SparkContext.getOrCreate()")
