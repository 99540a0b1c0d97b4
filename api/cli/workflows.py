"""`isinglass workflow`: graphs of jobs and crawlers, their runs, and resuming one that failed."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from api.cli.flow_options import node_of, spelled
from api.cli.options import HomeOption, OutputOption, core_of, pairs
from api.cli.output import Format, Output
from api.cli.workflow_files import read_workflow
from api.cli.workflow_following import attending, tree_of
from api.core import Core
from catalog.paging import all_pages
from engine.engine import Engine
from engine.flows.workflow_model import GraphNode, Statistics, Workflow, WorkflowRun, WorkflowRunState

workflows = typer.Typer(help="Workflows: jobs and crawlers that follow from each other.", no_args_is_help=True)

WorkflowName = Annotated[str, typer.Argument(metavar="WORKFLOW", help="The workflow's name.")]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="The workflow run's id.")]
PropertyOption = Annotated[
    list[str] | None, typer.Option("--property", "-p", metavar="NAME=VALUE", help="A run property; may be repeated.")
]


@workflows.command("create")
def create_workflow(
    source: Annotated[
        str, typer.Argument(metavar="FILE|NAME", help="A .toml or .json file of steps, or a name: triggers come later.")
    ],
    description: Annotated[str | None, typer.Option("--description", help="What it does.")] = None,
    max_concurrent_runs: Annotated[int | None, typer.Option(help="Unfinished runs at one time; default: any.")] = None,
    property: PropertyOption = None,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Create a workflow, from a file with all its steps."""
    core = core_of(home)
    if source.endswith((".toml", ".json")):
        if description or max_concurrent_runs or property:
            raise typer.BadParameter("a file says all this itself")
        created = core.engine.create_workflow(*read_workflow(Path(source)))
    else:
        given = pairs(property or [], "a property of the form NAME=VALUE")
        created = core.engine.create_workflow(Workflow(source, description, given, max_concurrent_runs))
    Output(output).result(created, f"workflow {created.name} created{_what_next(core.engine, created)}")


def _what_next(engine: Engine, workflow: Workflow) -> str:
    starts = [each for each in engine.list_workflow_triggers(workflow.name) if each.begins]
    if not starts:
        return f"; give it triggers with: isinglass trigger create NAME --workflow {workflow.name} …"
    fires = engine.next_trigger_fires(starts[0], 1)
    due = f"; isinglass serve runs it next at {fires[0]:%Y-%m-%d %H:%M:%S} UTC" if fires else ""
    return f"; run it with: isinglass workflow run {workflow.name}{due}"


@workflows.command("list")
def list_workflows(home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """List workflows."""
    core, out = core_of(home), Output(output)
    found = list(all_pages(core.engine.list_workflows))
    cells = []
    for each in found:
        last = next(iter(core.engine.list_workflow_runs(each.name, 1).items), None)
        cells.append((each.name, last and last.state, last and last.started_at, each.description or ""))
    out.rows(found, ["workflow", "last run", "started", ""], cells)


@workflows.command("show")
def show_workflow(
    name: Annotated[str, typer.Argument(metavar="WORKFLOW|RUN", help="A workflow's name, or a workflow run's id.")],
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Show a workflow's graph, or how far a run of it is."""
    core, out = core_of(home), Output(output)
    if name.startswith("wr_"):
        _show_run(core, out, core.engine.get_workflow_run(name))
        return
    workflow, graph = core.engine.get_workflow(name), core.engine.workflow_graph(name)
    if not out.text:
        members = core.engine.list_workflow_triggers(name)
        out.json({**asdict(workflow), "triggers": members, "graph": graph})
        return
    rows = [("description", workflow.description), ("concurrent runs", workflow.max_concurrent_runs)]
    out.grid(["", ""], [*rows, *sorted(workflow.default_properties.items())])
    out.console.print(tree_of(name, graph))


def _show_run(core: Core, out: Output, run: WorkflowRun) -> None:
    graph, counted = core.engine.workflow_run_graph(run), core.engine.workflow_statistics(run)
    if not out.text:
        plain = {**asdict(run), "statistics": counted, "nodes": [_node_data(each) for each in graph.nodes]}
        del plain["course"]
        out.json(plain)
        return
    out.console.print(tree_of(run.workflow, graph))
    out.say(f"workflow run {run.id} {run.state}: {_counted(counted)}")
    if run.detail:
        out.say(f"  {run.detail}")


def _node_data(node: GraphNode) -> dict[str, object]:
    """A node for programs."""
    run = node.run
    return {
        "node": spelled(node.node),
        "state": run and run.state,
        "run": run and run.id,
        "detail": run and run.detail,
    }


def _counted(counted: Statistics) -> str:
    shown = [f"{count} {name}" for name, count in asdict(counted).items() if count and name != "total"]
    return f"{counted.total} run(s)" + (f", {', '.join(shown)}" if shown else "")


@workflows.command("run")
def run_workflow(
    name: WorkflowName,
    property: PropertyOption = None,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Run a workflow and wait for its end; exit code 0 only if all its runs succeed."""
    core, out = core_of(home), Output(output)
    given = pairs(property or [], "a property of the form NAME=VALUE")
    with attending(core, out) as see_through:
        run = see_through(core.engine.start_workflow_run(name, given))
    _tell_end(core, out, run)


@workflows.command("resume")
def resume_workflow(
    run_id: RunId,
    nodes: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NODE…]", help="Jobs, or crawler:NAME. Default: all that did not succeed."),
    ] = None,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Run nodes, and what follows from them, again; all other results are kept. Waits as `run` does."""
    core, out = core_of(home), Output(output)
    with attending(core, out) as see_through:
        run = see_through(core.engine.resume_workflow_run(run_id, [node_of(each) for each in nodes or []]))
    _tell_end(core, out, run)


def _tell_end(core: Core, out: Output, run: WorkflowRun) -> None:
    _show_run(core, out, run)
    well = run.state is WorkflowRunState.COMPLETED and core.engine.workflow_statistics(run).all_succeeded
    if not well:
        out.say(f"  run again what did not succeed: isinglass workflow resume {run.id}")
        raise typer.Exit(1)


@workflows.command("runs")
def list_runs(
    name: Annotated[str | None, typer.Argument(metavar="WORKFLOW", help="The workflow's name; default: all.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 20,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """List workflow runs, newest first."""
    core, out = core_of(home), Output(output)
    if name is not None:
        core.engine.get_workflow(name)
    found = core.engine.list_workflow_runs(name, limit).items
    counted = core.engine.batch_count_node_runs(found)
    cells = [(r.id, r.workflow, r.state, r.started_at, _counted(counted[r.id]), r.detail or "") for r in found]
    shown = [{**asdict(r), "statistics": counted[r.id]} for r in found]
    out.rows(shown, ["run", "workflow", "state", "started", "", " "], cells)


@workflows.command("stop")
def stop_run(run_id: RunId, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Ask a workflow run to stop: its runs are stopped, and nothing more begins."""
    run = core_of(home).engine.stop_workflow_run(run_id)
    Output(output).result(run, f"workflow run {run.id} was asked to stop; it is {run.state}")


@workflows.command("delete")
def delete_workflow(name: WorkflowName, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Delete a workflow and its triggers; jobs, crawlers and runs stay."""
    core_of(home).engine.delete_workflow(name)
    Output(output).result({"deleted": name}, f"workflow {name} deleted")
