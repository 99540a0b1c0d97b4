"""Seeing a workflow run through to its end: a tree of its nodes that changes, or a line for each change."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.live import Live
from rich.text import Text
from rich.tree import Tree

from api.cli.flow_options import spelled
from api.cli.following import POLL_SECONDS, SERVICE_PATIENCE_SECONDS, ServiceGone
from api.cli.output import Output
from api.core import Core
from engine.flows.trigger_model import Node
from engine.flows.workflow_model import Graph, GraphNode, WorkflowRun
from engine.running.worker import Worker
from engine.states import RunState

_COLOURS = {
    RunState.SUCCEEDED: "green",
    RunState.RUNNING: "cyan",
    RunState.STARTING: "cyan",
    RunState.WAITING: "yellow",
    RunState.STOPPED: "yellow",
}


@contextmanager
def attending(core: Core, output: Output) -> Iterator[Callable[[WorkflowRun], WorkflowRun]]:
    """A function that sees a workflow run through: a live service works its runs off, or else this command does."""
    if core.home.find_service() is not None:
        yield lambda run: _see(core, run, output, None)
        return
    from api import logs  # the whole service: slow to import, and not needed beside a live one
    from api.services import serving

    logs.configure(logging.WARNING)
    with serving(core, "127.0.0.1", 0, 0) as service:
        service.worker.settle()
        yield lambda run: _see(core, run, output, service.worker)


def _see(core: Core, run: WorkflowRun, output: Output, worker: Worker | None) -> WorkflowRun:
    try:
        return _follow(core, run, output, worker)
    except KeyboardInterrupt:
        output.errors.print("stopping the workflow run …")
        core.engine.stop_workflow_run(run.id)
        return _follow(core, run, output, worker)


def _follow(core: Core, run: WorkflowRun, output: Output, worker: Worker | None) -> WorkflowRun:
    """Raises ServiceGone if a service works the runs off and stays away."""
    served_at = time.monotonic()
    workers: dict[str, threading.Thread] = {}
    told: dict[Node, RunState] = {}
    on_terminal = output.errors.is_terminal
    with Live(console=output.errors, auto_refresh=False, transient=True) if on_terminal else _Silent() as live:
        while True:
            run = core.engine.get_workflow_run(run.id)
            graph = core.engine.workflow_run_graph(run)
            if on_terminal:
                live.update(tree_of(run.workflow, graph), refresh=True)
            else:
                _tell_changes(output, graph, told)
            if run.finished:
                return run
            if worker is not None:
                core.engine.settle_ends()
                _work_off(core, run, worker, workers)
            if worker is not None or core.home.find_service() is not None:
                served_at = time.monotonic()
            elif time.monotonic() - served_at > SERVICE_PATIENCE_SECONDS:
                raise ServiceGone(run=run.id)
            time.sleep(POLL_SECONDS)


class _Silent:
    """In place of a live display where there is no terminal."""

    def __enter__(self) -> _Silent:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def update(self, _: Tree, refresh: bool) -> None:  # noqa: ARG002 — as Live takes it
        return


def _work_off(core: Core, run: WorkflowRun, worker: Worker, workers: dict[str, threading.Thread]) -> None:
    """Give the run's waiting runs threads, as many at a time as the worker has places."""
    going = [each for each in core.engine.unfinished_runs() if each.workflow_run_id == run.id]
    for each in going:
        room = sum(worker.places.values()) - sum(thread.is_alive() for thread in workers.values())
        if each.id not in workers and room > 0:
            workers[each.id] = threading.Thread(target=worker.work_off, args=(each.id,), daemon=True)
            workers[each.id].start()


def _tell_changes(output: Output, graph: Graph, told: dict[Node, RunState]) -> None:
    for each in graph.nodes:
        if each.run and told.get(each.node) != each.run.state:
            told[each.node] = each.run.state
            output.errors.print(Text(f"{spelled(each.node)} {_words(each)}"))


def _words(node: GraphNode) -> str:
    """The state of a node's run, how long it took, and of one that failed why."""
    if node.run is None:
        return "-"
    seconds = node.run.execution_seconds
    took = f" after {seconds:.1f} s" if seconds is not None else ""
    again = f" (attempt {node.run.attempt + 1})" if node.run.attempt else ""
    why = f": {node.run.detail}" if node.run.finished and node.run.detail else ""
    return f"{node.run.state}{again}{took}{why}"


def tree_of(name: str, graph: Graph) -> Tree:
    """The nodes as they follow from each other; one that follows from several stands below the last of them."""
    links = _links(graph)
    before = _last_before(graph, links)
    known = {each.node: each for each in graph.nodes}
    shown: set[Node] = set()

    def hang(branch: Tree, node: Node, on: str | None) -> None:
        if node in shown:
            return
        shown.add(node)
        run = known[node].run
        state = (_words(known[node]), _COLOURS.get(run.state, "red") if run else "dim")
        below = branch.add(Text.assemble(f"on {on}: " if on else "", spelled(node), " ", state))
        for source, target, watched in links:
            if source == node and before[target] == node:
                hang(below, target, watched if watched is not RunState.SUCCEEDED else None)

    tree = Tree(Text(name, style="bold"))
    for node in sorted(known, key=lambda each: each in before):  # of a ring, none is first: its nodes come last
        hang(tree, node, None)
    return tree


def _links(graph: Graph) -> list[tuple[Node, Node, RunState | None]]:
    """From each node to those that a trigger starts which watches it, with the state it watches."""
    starts: dict[object, list[Node]] = {}
    for edge in graph.edges:
        if isinstance(edge.target, Node):
            starts.setdefault(edge.source, []).append(edge.target)
    watching = [edge for edge in graph.edges if isinstance(edge.source, Node)]
    return [(edge.source, node, edge.state) for edge in watching for node in starts.get(edge.target, [])]  # type: ignore[misc]


def _last_before(graph: Graph, links: list[tuple[Node, Node, RunState | None]]) -> dict[Node, Node]:
    """Of the nodes that each follows from, the one that comes last."""
    depths = dict.fromkeys((each.node for each in graph.nodes), 0)
    for _ in depths:
        for source, target, _state in links:
            depths[target] = min(max(depths[target], depths[source] + 1), len(depths))
    before: dict[Node, Node] = {}
    for source, target, _state in links:
        if target not in before or depths[source] > depths[before[target]]:
            before[target] = source
    return before
