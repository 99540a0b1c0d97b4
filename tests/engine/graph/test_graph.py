"""Data flows written as scripts and read back: what runs is told in the annotations, and nothing else is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import InvalidInput
from engine.graph.model import Argument, Edge, Graph, Node
from engine.graph.node_types import NODE_TYPES
from engine.graph.reading import graph_of
from engine.graph.writing import script_of

READ = Node("orders", "DataSource", (Argument("database", '"shop"'), Argument("table_name", '"orders"')))
PARAMETERS = ("TempDir", "JOB_NAME", "target")

texts = st.text(st.characters(codec="utf-8", exclude_characters="\\\r\n\0"), max_size=12).map(repr)
values = st.recursive(
    st.one_of(texts, st.integers().map(repr), st.sampled_from(["None", "lambda row: row['a'] > 1", "(1)", "a[0]"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: f"({', '.join(parts)},)"),
        st.dictionaries(texts, inner, max_size=2).map(
            lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}"
        ),
        inner.map(lambda part: f"({part})"),
    ),
    max_leaves=5,
)
arguments = st.one_of(
    st.tuples(values, st.just(False)),
    st.tuples(st.sampled_from(PARAMETERS), st.just(True)),
)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Any that a script can be made of, with nodes in an order in which they can run."""
    nodes: list[Node] = []
    edges: list[Edge] = []
    for at in range(draw(st.integers(0, 6))):
        kind = draw(st.sampled_from(sorted(NODE_TYPES) if nodes else ["DataSource"]))
        inputs = NODE_TYPES[kind].inputs
        names = _names(kind, draw(st.sets(st.sampled_from(["transformation_ctx", "options", "info"]))))
        told = tuple(Argument(name, *draw(arguments)) for name in draw(st.permutations(names)))
        nodes.append(Node(f"{kind.lower()}{at}", kind, told))
        edges += [Edge(draw(st.sampled_from(nodes[:at])).id, nodes[at].id, each) for each in inputs]
    return Graph(tuple(nodes), tuple(edges))


def _names(kind: str, more: set[str]) -> list[str]:
    own = {"DataSource": ["database", "table_name"], "DataSink": ["connection_type"], "ApplyMapping": ["mapping"]}
    return [*own.get(kind, NODE_TYPES[kind].required), *more]


@given(graphs())
def test_a_script_tells_the_graph_that_it_was_made_of(graph: Graph) -> None:
    script = script_of(graph)
    compile(script, "script", "exec")
    assert bare(graph_of(script)) == graph


@given(graphs(), st.randoms())
def test_a_graph_in_any_order_becomes_a_script_in_which_each_step_follows_what_it_needs(graph: Graph, random) -> None:  # type: ignore[no-untyped-def]
    nodes, edges = list(graph.nodes), list(graph.edges)
    random.shuffle(nodes)
    random.shuffle(edges)
    found = graph_of(script_of(Graph(tuple(nodes), tuple(edges))))
    places = {node.id: at for at, node in enumerate(found.nodes)}
    assert all(places[edge.source] < places[edge.target] for edge in found.edges)
    assert set(bare(found).nodes) == set(graph.nodes)
    assert set(found.edges) == set(graph.edges)


@pytest.mark.parametrize(
    "given_parameters", [("frame2", "frame1"), ("frame2", None), (None, "frame1"), (None, None)], ids=str
)
def test_edges_that_name_no_parameter_take_those_that_are_left(given_parameters: Sequence[str | None]) -> None:
    join = Node("both", "Join", (Argument("keys1", '["id"]'), Argument("keys2", '["order"]')))
    lines = Node("lines", "DataSource", (Argument("connection_type", '"s3"'),))
    first, second = given_parameters
    edges = (Edge("orders", "both", first), Edge("lines", "both", second))
    script = script_of(Graph((READ, lines, join), edges))
    swapped = given_parameters != (None, None)
    assert f"frame1 = {'lines' if swapped else 'orders'}, frame2 = {'orders' if swapped else 'lines'}" in script


def test_a_parameter_is_an_argument_of_the_job() -> None:
    sink = Node("written", "DataSink", (Argument("connection_type", '"s3"'), Argument("path", "TempDir", True)))
    script = script_of(Graph((READ, sink), (Edge("orders", "written"),)))
    assert "## @params: [TempDir, JOB_NAME]" in script
    assert "getResolvedOptions(sys.argv, ['TempDir','JOB_NAME'])" in script
    assert 'connection_type = "s3", path = args["TempDir"])' in script


@pytest.mark.parametrize(
    ("nodes", "edges", "why"),
    [
        ([Node("x", "FindMatches")], [], "AWS alone"),
        ([Node("x", "Pivot")], [], "'Pivot' is no type"),
        ([Node("x", "CustomCode")], [], "its code is not in the graph"),
        ([Node("x", "DataSource", (Argument("database", '"d"'),))], [], "needs connection_type; or database with"),
        ([READ, Node("x", "SelectFields")], [("orders", "x")], "needs paths"),
        ([Node("x", "DropNullFields")], [], "no edge leads to its frame"),
        ([READ, READ], [], "two nodes of that id"),
        ([READ, Node("glueContext", "DropNullFields")], [], "its id is no name"),
        ([READ, Node("Join", "DropNullFields")], [], "its id is no name"),
        ([READ, Node("for", "DropNullFields")], [], "its id is no name"),
        ([READ], [("orders", "x")], "there is no node x"),
        ([READ], [("orders", "orders")], "nothing takes what comes from orders"),
        ([Node("x", "DropNullFields"), Node("y", "DropNullFields")], [("x", "y"), ("y", "x")], "form a circle"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_graph_that_no_script_can_be_made_of_is_refused(
    nodes: list[Node], edges: list[tuple[str, str]], why: str
) -> None:
    with pytest.raises(InvalidInput, match=why):
        script_of(Graph(tuple(nodes), tuple(Edge(source, target) for source, target in edges)))


@pytest.mark.parametrize(
    ("argument", "why"),
    [
        (Argument("a", "1\nimport os"), "line break"),
        (Argument("a", "1) + g("), "no list of arguments"),
        (Argument("a", "1)(b=2"), "no list of arguments"),
        (Argument("a", "1, b = 2"), "no single expression"),
        (Argument("a", "1, *x"), "no list of arguments"),
        (Argument("a", "<function>"), "invalid syntax"),
        (Argument("a", "1 # note"), "never closed"),
        (Argument("a", ""), "no Python expression"),
        (Argument("a", "(" * 10_000), "too many nested"),
        (Argument("a b", "1"), "no name of an argument"),
        (Argument("class", "1"), "no name of an argument"),
        (Argument("frame", "1"), "what an edge fills"),
        (Argument("a", 'x"]', parameter=True), "no name of a job's argument"),
        (Argument("a", "JOB_NAME"), "say so by Param"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_would_be_more_than_an_argument_is_refused(argument: Argument, why: str) -> None:
    step = Node("step", "DropNullFields", (argument,))
    with pytest.raises(InvalidInput, match=why):
        script_of(Graph((READ, step), (Edge("orders", "step"),)))


def bare(graph: Graph) -> Graph:
    return Graph(tuple(Node(node.id, node.type, node.arguments) for node in graph.nodes), graph.edges)
