"""Scripts as AWS Glue and its users wrote them, read as data flows."""

from __future__ import annotations

import pytest

from catalog.errors import InvalidInput
from engine.graph.model import Argument, Edge, Graph
from engine.graph.reading import graph_of

EDITED = """\
## @params: [TempDir, JOB_NAME]
args = getResolvedOptions(sys.argv, ['TempDir','JOB_NAME'])
## @type: DataSource
## @args: [database = "shop", table_name = "orders", redshift_tmp_dir = TempDir, transformation_ctx = "datasource0"]
## @return: datasource0
## @inputs: []
orders = glueContext.create_dynamic_frame.from_catalog(database = "shop")## @type: Relationalize
print('between')
# ## @type: Map
# ## @return: commented_out
## @type: Filter
## @args: [f = lambda row : (bool(re.match("(a|b), c = d", row["name"]))), transformation_ctx = "Transform12"]
## @return: Transform12
## @inputs: [frame = datasource0]

## @type: SplitFields
## @args: [paths = ["<paths>"], transformation_ctx = "<transformation_ctx>"]
## @return: <output>
## @inputs: [frame = <frame>]
def inside():
    ## @type: SqlCode
    ## @args: [sqlAliases = {"a": Transform12, "b": datasource0}, sqlName = SqlQuery0]
    ## @return: Transform0
    ## @inputs: [dfc = Transform12,datasource0]
    pass
## @type: DataSink
## @return: DataSink0
## @inputs: [frame = Transform0]
## @type: Join
## @args: [columnConditions = ["="], joinType = left, keys2 = ["(right) id"], keys1 = ["id"]]\r
## @return: Transform2\r
## @inputs: [frame1 = Transform0, frame2 = gone]\r
"""


@pytest.fixture(scope="module")
def found() -> Graph:
    return graph_of(EDITED)


def test_steps_are_those_with_annotations_at_the_line_of_their_types(found: Graph) -> None:
    assert [(node.id, node.type, node.line) for node in found.nodes] == [
        ("datasource0", "DataSource", 3),
        ("Transform12", "Filter", 11),
        ("Transform0", "SqlCode", 21),
        ("DataSink0", "DataSink", 26),
        ("Transform2", "Join", 29),
    ]


def test_values_are_told_as_they_are_written(found: Graph) -> None:
    assert found.nodes[0].arguments == (
        Argument("database", '"shop"'),
        Argument("table_name", '"orders"'),
        Argument("redshift_tmp_dir", "TempDir", parameter=True),
        Argument("transformation_ctx", '"datasource0"'),
    )
    assert found.nodes[1].arguments[0] == Argument("f", 'lambda row : (bool(re.match("(a|b), c = d", row["name"])))')
    assert found.nodes[3].arguments == ()
    assert found.nodes[4].arguments[1] == Argument("joinType", "left")


def test_edges_lead_from_steps_that_are_there(found: Graph) -> None:
    assert found.edges == (
        Edge("datasource0", "Transform12", "frame"),
        Edge("Transform12", "Transform0", "dfc"),
        Edge("datasource0", "Transform0", "dfc"),
        Edge("Transform0", "DataSink0", "frame"),
        Edge("Transform0", "Transform2", "frame1"),
    )


def test_arguments_that_are_no_python_are_refused_with_their_line() -> None:
    with pytest.raises(InvalidInput, match="Line 2 of the script is not valid: the step's arguments: invalid syntax"):
        graph_of("\n## @type: Map\n## @args: [f = <function>]\n## @return: mapped\n")


@pytest.mark.parametrize("script", ["", "print(1)", "## @type: Map", "## @return: x\n## @args: [a = 1]"])
def test_a_script_without_annotated_steps_is_an_empty_flow(script: str) -> None:
    assert graph_of(script) == Graph()
