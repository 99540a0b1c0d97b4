"""A workflow's graph as it follows from its triggers, and how far a run of it is; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from engine.flows.conditions import last_attempts
from engine.flows.trigger_model import Action, Node, Trigger
from engine.flows.workflow_model import Edge, Graph, GraphNode, GraphTrigger, Statistics
from engine.model import Run
from engine.states import RunState

_RUNNING = (RunState.STARTING, RunState.RUNNING, RunState.STOPPING)


def watched(trigger: Trigger) -> tuple[Node, ...]:
    return tuple(each.node for each in trigger.predicate.conditions) if trigger.predicate else ()


def started(trigger: Trigger) -> tuple[Node, ...]:
    return tuple(each.node for each in trigger.actions)


def all_nodes(triggers: Sequence[Trigger]) -> tuple[Node, ...]:
    """Each once: those that a run begins with, then what follows from them, and last what nothing leads to."""
    found = dict.fromkeys(node for each in triggers if each.begins for node in started(each))
    known = -1
    while len(found) != known:
        known = len(found)
        following = [each for each in triggers if not found.keys().isdisjoint(watched(each))]
        found |= dict.fromkeys(node for each in following for node in started(each))
    return tuple(found | dict.fromkeys(node for each in triggers for node in (*started(each), *watched(each))))


def node_of(run: Run) -> Node:
    return Node(run.kind, run.subject or "")


def draw(triggers: Sequence[Trigger], runs: Iterable[Run] = (), fired: Iterable[str] = ()) -> Graph:
    """The graph, with the newest of `runs` at each node."""
    newest = {node_of(run): run for run in sorted(last_attempts(runs), key=lambda run: (run.queued_at, run.id))}
    edges = [Edge(trigger.name, node) for trigger in triggers for node in dict.fromkeys(started(trigger))]
    edges += [
        Edge(each.node, trigger.name, each.state)
        for trigger in triggers
        if trigger.predicate
        for each in trigger.predicate.conditions
    ]
    known = set(fired)
    return Graph(
        tuple(GraphTrigger(trigger.name, trigger.name in known) for trigger in triggers),
        tuple(GraphNode(node, newest.get(node)) for node in all_nodes(triggers)),
        tuple(edges),
    )


def downstream(triggers: Sequence[Trigger], nodes: Iterable[Node]) -> set[Node]:
    """The nodes that triggers may start once those of `nodes` have ended, and what follows from these in turn."""
    found: set[Node] = set()
    frontier = set(nodes)
    while frontier:
        following = {node for each in triggers if frontier.intersection(watched(each)) for node in started(each)}
        frontier = following - found
        found |= following
    return found


def first_of(triggers: Sequence[Trigger], chosen: Sequence[Node]) -> list[Node]:
    """Those of the chosen nodes that no other one leads to: the others follow by themselves."""
    after = {node: downstream(triggers, [node]) for node in chosen}
    return [node for node in chosen if not any(node in after[other] and other not in after[node] for other in chosen)]


def action_of(triggers: Sequence[Trigger], node: Node, fired: Iterable[str]) -> tuple[Trigger, Action] | None:
    """By which trigger and action the node is started: of several, by one that has fired."""
    known = set(fired)
    ways = [(trigger, action) for trigger in triggers for action in trigger.actions if action.node == node]
    return min(ways, key=lambda way: way[0].name not in known, default=None)


def count(runs: Iterable[Run]) -> Statistics:
    states = Counter(run.state for run in last_attempts(runs))
    return Statistics(
        total=states.total(),
        succeeded=states[RunState.SUCCEEDED],
        failed=states[RunState.FAILED],
        stopped=states[RunState.STOPPED],
        timeout=states[RunState.TIMEOUT],
        running=sum(states[state] for state in _RUNNING),
        errored=states[RunState.ERROR] + states[RunState.EXPIRED],
        waiting=states[RunState.WAITING],
    )
