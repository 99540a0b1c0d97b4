"""Workflow runs and graphs: how far they are, begun, stopped, resumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import strawberry

from api.graphql.batches import Batch
from api.graphql.connections import FIRST, After, Connection, First, connect, size
from api.graphql.context import Context, Info
from api.graphql.crawls import Crawl
from api.graphql.fields import field, mutation
from api.graphql.job_runs import JobRun
from api.graphql.nodes import Node
from api.graphql.outcomes import Payload, attempt, if_found
from api.graphql.parameters import Parameter, ParameterInput, mapping, pairs
from api.graphql.runs import Run
from api.graphql.trigger_definitions import node_id, parse_node_id
from engine.engine import Engine
from engine.flows import workflow_model as model
from engine.flows import workflow_runs
from engine.model import JOB
from engine.states import RunState

strawberry.enum(
    model.WorkflowRunState,
    description="COMPLETED says that nothing is left to do; the statistics tell whether all went well.",
)
_RUN = {"Workflow run": "runId"}
_NAME = {"Workflow": "name"}


@strawberry.type(description="A job or a crawler in a workflow.")
class WorkflowGraphNode:
    node_id: str = strawberry.field(description="job:NAME or crawler:NAME.")
    run: Run | None = strawberry.field(description="Its last run in this workflow run; null if it had none yet.")


@strawberry.type(description="A trigger in a workflow.")
class WorkflowGraphTrigger:
    name: str
    fired: bool


@strawberry.type(description="From a trigger to a node that it starts, or from a node to a trigger that watches it.")
class WorkflowGraphEdge:
    source: str = strawberry.field(description="A node's id, or trigger:NAME.")
    target: str = strawberry.field(description="A node's id, or trigger:NAME.")
    state: RunState | None = strawberry.field(description="The state that is watched.")


@strawberry.type
class WorkflowGraph:
    triggers: list[WorkflowGraphTrigger]
    nodes: list[WorkflowGraphNode]
    edges: list[WorkflowGraphEdge]

    @classmethod
    def all(cls, graphs: Mapping[str, model.Graph]) -> dict[str, WorkflowGraph]:
        """Their runs are answered together."""
        found = [each.run for graph in graphs.values() for each in graph.nodes if each.run]
        made: dict[str, Run] = {run.value.id: run for run in JobRun.all([run for run in found if run.kind == JOB])}
        made |= {run.value.id: run for run in Crawl.all([run for run in found if run.kind != JOB])}
        return {key: cls._of(graph, made) for key, graph in graphs.items()}

    @classmethod
    def of(cls, graph: model.Graph) -> WorkflowGraph:
        return cls.all({"": graph})[""]

    @classmethod
    def _of(cls, graph: model.Graph, made: Mapping[str, Run]) -> WorkflowGraph:
        return cls(
            triggers=[WorkflowGraphTrigger(name=each.name, fired=each.fired) for each in graph.triggers],
            nodes=[
                WorkflowGraphNode(node_id=node_id(each.node), run=made[each.run.id] if each.run else None)
                for each in graph.nodes
            ],
            edges=[
                WorkflowGraphEdge(source=_end(each.source), target=_end(each.target), state=each.state)
                for each in graph.edges
            ],
        )


def _end(of: object) -> str:
    return f"trigger:{of}" if isinstance(of, str) else node_id(of)  # type: ignore[arg-type]


@strawberry.type(description="How many runs of a workflow run are in which state; one that is tried again counts once.")
class WorkflowRunStatistics:
    total_actions: int
    succeeded_actions: int
    failed_actions: int
    stopped_actions: int
    timeout_actions: int
    running_actions: int
    errored_actions: int
    waiting_actions: int

    @classmethod
    def of(cls, found: model.Statistics) -> WorkflowRunStatistics:
        return cls(
            total_actions=found.total,
            succeeded_actions=found.succeeded,
            failed_actions=found.failed,
            stopped_actions=found.stopped,
            timeout_actions=found.timeout,
            running_actions=found.running,
            errored_actions=found.errored,
            waiting_actions=found.waiting,
        )


@strawberry.type(description="One execution of a workflow.")
class WorkflowRun(Node):
    value: strawberry.Private[model.WorkflowRun]
    together: strawberry.Private[_Together]
    run_id: str
    workflow_name: str
    state: model.WorkflowRunState
    detail: str | None = strawberry.field(description="Of an ERROR, why nothing began.")
    previous_run_id: str | None = strawberry.field(description="The run that this one resumes.")
    started_at: datetime
    finished_at: datetime | None = strawberry.field(description="Null until it has ended.")

    def key(self) -> tuple[str, ...]:
        return (self.run_id,)

    @field("Its scripts may read and set them.")
    def run_properties(self) -> list[Parameter]:
        return pairs(self.value.properties)

    @field()
    def statistics(self, info: Info) -> WorkflowRunStatistics:
        found = self.together.batch.of(self.run_id, self.together.count, info.context.engine)
        return WorkflowRunStatistics.of(found or model.Statistics())

    @field("The graph as it stood when the run began, with the last run of each node.")
    def graph(self, info: Info) -> WorkflowGraph:
        found = self.together.batch.of(self.run_id, self.together.draw, info.context.engine)
        return found or WorkflowGraph.of(model.Graph((), (), ()))

    @classmethod
    def all(cls, found: Sequence[model.WorkflowRun]) -> list[WorkflowRun]:
        together = _Together(found)
        return [
            cls(
                value=each,
                together=together,
                run_id=each.id,
                workflow_name=each.workflow,
                state=each.state,
                detail=each.detail,
                previous_run_id=each.previous_run_id,
                started_at=each.started_at,
                finished_at=each.finished_at,
            )
            for each in found
        ]

    @classmethod
    def of(cls, run: model.WorkflowRun | None) -> WorkflowRun | None:
        return cls.all([run])[0] if run else None

    @classmethod
    def find(cls, context: Context, run_id: str) -> WorkflowRun | None:
        return cls.of(if_found(lambda: context.engine.get_workflow_run(run_id)))


class _Together:
    """Workflow runs whose graphs, and whose statistics, are read for all of them at once."""

    def __init__(self, found: Sequence[model.WorkflowRun]) -> None:
        self.batch = Batch([each.id for each in found])
        self.count = lambda engine, _: Engine.batch_count_node_runs(engine, found)
        self.draw = lambda engine, _: WorkflowGraph.all(Engine.batch_draw_graphs(engine, found))


@strawberry.type
class WorkflowRunQueries:
    @field("Newest first; of one workflow, or of all.")
    def workflow_runs(
        self, info: Info, workflow: str | None = None, first: First = FIRST, after: After = None
    ) -> Connection[WorkflowRun] | None:
        page = info.context.engine.list_workflow_runs(workflow, size(info, first), after)
        return connect(info, workflow_runs.LISTING, page, workflow_runs.place, WorkflowRun.all, after)

    @field("Null if there is no such run.")
    def workflow_run(self, info: Info, run_id: str) -> WorkflowRun | None:
        return WorkflowRun.find(info.context, run_id)


@strawberry.input
class StartWorkflowRunInput:
    name: str
    run_properties: list[ParameterInput] = strawberry.field(
        default_factory=list, description="They win over the workflow's default ones."
    )
    client_mutation_id: str | None = None


@strawberry.input
class StopWorkflowRunInput:
    run_id: str
    client_mutation_id: str | None = None


@strawberry.input
class ResumeWorkflowRunInput:
    run_id: str
    node_ids: list[str] = strawberry.field(
        default_factory=list, description="What is to run again, with all that follows; none: what did not succeed."
    )
    client_mutation_id: str | None = None


@strawberry.input
class PutWorkflowRunPropertiesInput:
    run_id: str
    run_properties: list[ParameterInput] = strawberry.field(description="The others stay.")
    client_mutation_id: str | None = None


@strawberry.type
class StartWorkflowRunPayload(Payload):
    run: WorkflowRun | None


@strawberry.type
class StopWorkflowRunPayload(Payload):
    run: WorkflowRun | None = strawberry.field(description="It has stopped once all its runs have.")


@strawberry.type
class ResumeWorkflowRunPayload(Payload):
    run: WorkflowRun | None = strawberry.field(description="A new run, which keeps the results of all other nodes.")


@strawberry.type
class PutWorkflowRunPropertiesPayload(Payload):
    run: WorkflowRun | None


@strawberry.type
class WorkflowRunMutations:
    @mutation("Begin a run of a workflow.")
    def start_workflow_run(self, info: Info, input: StartWorkflowRunInput) -> StartWorkflowRunPayload | None:
        engine = info.context.engine
        tried = attempt(lambda: engine.start_workflow_run(input.name, mapping(input.run_properties)), _NAME)
        return StartWorkflowRunPayload(
            run=WorkflowRun.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Ask the runs of a workflow run to stop; nothing more begins in it.")
    def stop_workflow_run(self, info: Info, input: StopWorkflowRunInput) -> StopWorkflowRunPayload | None:
        tried = attempt(lambda: info.context.engine.stop_workflow_run(input.run_id), _RUN)
        return StopWorkflowRunPayload(
            run=WorkflowRun.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Run some nodes, and what follows from them, again in a new run.")
    def resume_workflow_run(self, info: Info, input: ResumeWorkflowRunInput) -> ResumeWorkflowRunPayload | None:
        engine = info.context.engine
        tried = attempt(
            lambda: engine.resume_workflow_run(input.run_id, [parse_node_id(each) for each in input.node_ids]), _RUN
        )
        return ResumeWorkflowRunPayload(
            run=WorkflowRun.of(tried.result), user_errors=tried.errors, client_mutation_id=input.client_mutation_id
        )

    @mutation("Set some properties of a workflow run.")
    def put_workflow_run_properties(
        self, info: Info, input: PutWorkflowRunPropertiesInput
    ) -> PutWorkflowRunPropertiesPayload | None:
        engine = info.context.engine
        tried = attempt(lambda: engine.put_workflow_properties(input.run_id, mapping(input.run_properties)), _RUN)
        return PutWorkflowRunPropertiesPayload(
            run=WorkflowRun.find(info.context, input.run_id) if tried.result is not None else None,
            user_errors=tried.errors,
            client_mutation_id=input.client_mutation_id,
        )
