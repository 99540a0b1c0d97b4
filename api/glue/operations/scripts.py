"""Operations on scripts: from a data flow, back to it, and from mappings of columns."""

from __future__ import annotations

from api.glue.calls import Call, Operation, Shape
from api.glue.failures import OperationNotSupported
from api.glue.shapes.scripts import (
    entry_value,
    graph_shape,
    graph_value,
    mapping_shape,
    mapping_value,
    targets_of,
)
from engine.graph.plans import mappings_of, plan
from engine.graph.reading import graph_of
from engine.graph.writing import script_of


def create_script(call: Call) -> Shape:
    _refuse_scala(call)
    return {"PythonScript": script_of(graph_value(call.asked))}


def get_dataflow_graph(call: Call) -> Shape:
    return graph_shape(graph_of(call.asked.get("PythonScript", "")))


def get_plan(call: Call) -> Shape:
    _refuse_scala(call)
    asked = call.asked
    for name in asked.get("AdditionalPlanOptionsMap") or {}:
        raise OperationNotSupported(f"AdditionalPlanOptionsMap.{name} is not supported: no script here needs it.")
    mappings = [mapping_value(each) for each in asked["Mapping"]]
    return {"PythonScript": script_of(plan(mappings, entry_value(asked["Source"]), targets_of(asked)))}


def get_mapping(call: Call) -> Shape:
    """Location changes nothing: places have no columns before something is written there."""
    source, *sinks = (
        call.catalog.get_table(each["DatabaseName"], each["TableName"])
        for each in (call.asked["Source"], *(call.asked.get("Sinks") or ()))
    )
    return {"Mapping": [mapping_shape(each, source.name) for each in mappings_of(source, sinks)]}


def _refuse_scala(call: Call) -> None:
    if call.asked.get("Language") == "SCALA":
        raise OperationNotSupported("Language SCALA is not supported: scripts are written and run in Python here.")


OPERATIONS: dict[str, Operation] = {
    "CreateScript": create_script,
    "GetDataflowGraph": get_dataflow_graph,
    "GetPlan": get_plan,
    "GetMapping": get_mapping,
}
