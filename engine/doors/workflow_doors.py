"""The engine's verbs of workflows and their runs, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine as SqlEngine

from catalog.db import reading, writing
from catalog.model import Page
from catalog.paging import DEFAULT_PAGE
from engine.doors.trigger_doors import TriggerDoors
from engine.flows import firing, trigger_fires, triggers, workflow_graphs, workflow_runs, workflows
from engine.flows.trigger_model import Node, Trigger
from engine.flows.workflow_model import Graph, Statistics, Workflow, WorkflowRun
from engine.model import Run


class WorkflowDoors(TriggerDoors):
    engine: SqlEngine
    now: Callable[[], datetime]

    # definitions

    def create_workflow(
        self, workflow: Workflow, members: Sequence[Trigger] = (), tags: Mapping[str, str] | None = None
    ) -> Workflow:
        """With its triggers, if any are given; those that are not on demand are followed from now on, all or nothing.

        Raises AlreadyExists, InvalidInput.
        """
        with writing(self.engine) as connection:
            created = workflows.create_workflow(connection, workflow, self.now(), tags)
            for trigger in members:
                triggers.create_trigger(connection, trigger, trigger.type != "ON_DEMAND", self.now())
            return created

    def get_workflow(self, name: str) -> Workflow:
        with reading(self.engine) as connection:
            return workflows.get_workflow(connection, name)

    def list_workflows(self, limit: int = DEFAULT_PAGE, token: str | None = None) -> Page[Workflow]:
        with reading(self.engine) as connection:
            return workflows.list_workflows(connection, limit, token)

    def update_workflow(self, workflow: Workflow, expected_version: int | None = None) -> Workflow:
        """Runs under way keep their definition. Raises NotFound, VersionConflict, InvalidInput."""
        with writing(self.engine) as connection:
            return workflows.update_workflow(connection, workflow, expected_version, self.now())

    def delete_workflow(self, name: str) -> None:
        """With its triggers; jobs and crawlers stay. Raises NotFound, WorkflowRunning."""
        with writing(self.engine) as connection:
            workflows.delete_workflow(connection, name)

    def list_workflow_triggers(self, name: str) -> list[Trigger]:
        return self.batch_list_workflow_triggers([name])[name]

    def batch_list_workflow_triggers(self, names: Sequence[str]) -> dict[str, list[Trigger]]:
        with reading(self.engine) as connection:
            return triggers.batch_list_of_workflows(connection, names)

    # runs

    def start_workflow_run(self, name: str, properties: Mapping[str, str] | None = None) -> WorkflowRun:
        """One of a workflow that nothing begins has ended at once.

        Raises NotFound, WorkflowRunsExceeded, InvalidInput.
        """
        with writing(self.engine) as connection:
            workflows.hold_workflow(connection, name)
            starts = [each for each in triggers.list_of_workflow(connection, name) if each.begins]
            if not starts:
                empty = workflow_runs.begin(connection, name, self.now(), properties)
                return workflow_runs.advance(connection, empty.id, self.now()) or empty
            fire = trigger_fires.call(connection, starts[0], self.now(), properties)
        self.settle_ends()
        return self.get_workflow_run(fire.workflow_run_id or "")

    def get_workflow_run(self, run_id: str) -> WorkflowRun:
        with reading(self.engine) as connection:
            return workflow_runs.get_workflow_run(connection, run_id)

    def list_workflow_runs(
        self, workflow: str | None = None, limit: int = DEFAULT_PAGE, token: str | None = None
    ) -> Page[WorkflowRun]:
        """Newest first; of one workflow, or of all."""
        with reading(self.engine) as connection:
            return workflow_runs.list_workflow_runs(connection, workflow, limit, token)

    def stop_workflow_run(self, run_id: str) -> WorkflowRun:
        """Ask its runs to stop; nothing fires in it any more. Raises NotFound, WorkflowRunNotActive."""
        with writing(self.engine) as connection:
            stopped = workflow_runs.stop(connection, run_id, self.now())
        self.settle_ends()
        return stopped

    def resume_workflow_run(self, run_id: str, nodes: Sequence[Node] = ()) -> WorkflowRun:
        """Run nodes, and what follows from them, again in a new run, which keeps the results of the others.

        No nodes: those that did not succeed. Raises NotFound, WorkflowRunActive, WorkflowRunsExceeded, InvalidInput.
        """
        with writing(self.engine) as connection:
            run = workflow_runs.resume(connection, run_id, nodes, self.now())
        self.settle_ends()
        return self.get_workflow_run(run.id)

    def put_workflow_properties(self, run_id: str, properties: Mapping[str, str]) -> dict[str, str]:
        """Set some of a run's properties; all that it has then. Raises NotFound, InvalidInput."""
        with writing(self.engine) as connection:
            return workflow_runs.put_properties(connection, run_id, properties)

    # how far runs are

    def batch_list_node_runs(self, of: Sequence[WorkflowRun]) -> dict[str, list[Run]]:
        """The runs of each workflow run, those that it keeps of the run it resumes among them, oldest first."""
        with reading(self.engine) as connection:
            return workflow_runs.batch_list_node_runs(connection, of)

    def workflow_graph(self, name: str) -> Graph:
        """As it is defined now. Raises NotFound."""
        self.get_workflow(name)
        return workflow_graphs.draw(self.list_workflow_triggers(name))

    def batch_draw_graphs(self, of: Sequence[WorkflowRun]) -> dict[str, Graph]:
        """The graph of each workflow run, with the state of its nodes."""
        with reading(self.engine) as connection:
            found = workflow_runs.batch_list_node_runs(connection, of)
            fired = firing.batch_list_fired(connection, [run.id for run in of])
        return {
            run.id: workflow_graphs.draw(
                run.course.triggers, found[run.id], fired[run.id].union(run.course.kept_triggers)
            )
            for run in of
        }

    def workflow_run_graph(self, run: WorkflowRun) -> Graph:
        return self.batch_draw_graphs([run])[run.id]

    def batch_count_node_runs(self, of: Sequence[WorkflowRun]) -> dict[str, Statistics]:
        return {run_id: workflow_graphs.count(found) for run_id, found in self.batch_list_node_runs(of).items()}

    def workflow_statistics(self, run: WorkflowRun) -> Statistics:
        return self.batch_count_node_runs([run])[run.id]
