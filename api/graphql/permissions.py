"""What each field of Query, Mutation and Subscription does, and to what. One that is listed nowhere is an admin's.

Scopes hold databases and jobs. What belongs to neither is told only to those whose grant has no scopes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from api.auth.principals import WHOLE, Action, Resource, in_database, of_job
from api.graphql.context import Context
from api.graphql.nodes import decode
from api.graphql.outcomes import if_found
from engine.model import JOB, Run

VIEW, RUN, EDIT, ADMINISTER = Action
Arguments = Mapping[str, Any]
Of = Callable[[Context, Arguments], tuple[Resource, ...]]


@dataclass(frozen=True)
class Rule:
    """`of` tells what the arguments name. Nothing: the field leaves out what its caller may not see."""

    action: Action
    of: Of


def job(context: Context, name: str) -> Resource:
    """The job with its tags, for which alone it is read; one that is not there has none."""
    if not context.principal.scoped:
        return of_job(name, {})
    found = if_found(lambda: context.engine.get_job(name))
    return of_job(name, found.tags if found else {})


def job_of_run(context: Context, run_id: str) -> Resource:
    if not context.principal.scoped:
        return Resource("run", run_id)
    run = if_found(lambda: context.engine.get_run(run_id))
    return subject_of(context, run) if run else WHOLE


def subject_of(context: Context, run: Run) -> Resource:
    return job(context, run.subject) if run.kind == JOB and run.subject else WHOLE


def _given(arguments: Arguments, name: str) -> str:
    return str(arguments.get("input", arguments).get(name) or "")


def _database(name: str) -> Of:
    return lambda _, arguments: (in_database(_given(arguments, name)),)


def _job(name: str) -> Of:
    return lambda context, arguments: (job(context, _given(arguments, name)),)


def _run(context: Context, arguments: Arguments) -> tuple[Resource, ...]:
    return (job_of_run(context, _given(arguments, "runId")),)


def _thing(kind: str, name: str = "name") -> Of:
    return lambda _, arguments: (Resource(kind, _given(arguments, name)),)


def _whole(_context: Context, _arguments: Arguments) -> tuple[Resource, ...]:
    return (WHOLE,)


def _seen(_context: Context, _arguments: Arguments) -> tuple[Resource, ...]:
    return ()


def _runs_of_job(context: Context, arguments: Arguments) -> tuple[Resource, ...]:
    name = arguments.get("job")
    return (WHOLE,) if name is None else (job(context, name),)


def _node(context: Context, arguments: Arguments) -> tuple[Resource, ...]:
    """By the id alone, so that the answer does not tell whether what may not be seen is there."""
    kind, *key = decode(arguments["id"]) or ("",)
    match kind, key:
        case (("Database" | "Table" | "TableVersion" | "Partition" | "UserDefinedFunction"), [database, *_]):
            return (in_database(database),)
        case (("Job" | "Bookmark"), [name, *_]):
            return (job(context, name),)
        case "JobRun", [run_id, *_]:
            return (job_of_run(context, run_id),)
    return (WHOLE,)


def _new_job(_context: Context, arguments: Arguments) -> tuple[Resource, ...]:
    """The job as it is to be, and what its code will be able to open."""
    given = arguments["input"]
    tags = {tag["name"]: tag["value"] for tag in given["job"].get("tags") or ()}
    opened = (Resource("connection", name) for name in given["job"].get("connections") or ())
    return (of_job(given["name"], tags), *opened)


def _new_session(_context: Context, arguments: Arguments) -> tuple[Resource, ...]:
    """The session, and what its code will be able to open."""
    given = arguments["input"]
    opened = (Resource("connection", name) for name in given["session"].get("connections") or ())
    return (Resource("session", given["sessionId"]), *opened)


def _changed_job(context: Context, arguments: Arguments) -> tuple[Resource, ...]:
    return (job(context, _given(arguments, "name")), *_new_job(context, arguments))


def _each(names: str, action: Action, of: Of) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), Rule(action, of))


ADMINS = Rule(ADMINISTER, _whole)

QUERIES = {
    **_each("databases jobs search", VIEW, _seen),
    **_each("database", VIEW, _database("name")),
    **_each(
        "tables table tableVersion partition userDefinedFunctions userDefinedFunction", VIEW, _database("database")
    ),
    **_each("job", VIEW, _job("name")),
    **_each("bookmark nextReads", VIEW, _job("job")),
    **_each("jobRuns", VIEW, _runs_of_job),
    **_each("run", VIEW, _run),
    **_each("node", VIEW, _node),
    **_each("connections classifiers crawlers crawls crawlPlans environments", VIEW, _whole),
    **_each("triggers workflows workflowRuns sessions events webhooks", VIEW, _whole),
    **_each("crawlPlan workflowRun session statement", VIEW, _whole),
    **_each("connection classifier crawler environment trigger workflow webhook", VIEW, _whole),
    **_each("testClassifier", EDIT, _whole),  # it reads any place that the service can
    **_each("accessTokens accessKeys auditEvents", ADMINISTER, _whole),
}

MUTATIONS = {
    **_each("createDatabase updateDatabase deleteDatabase", EDIT, _database("name")),
    **_each("createTable updateTable restoreTableVersion deleteTable", EDIT, _database("database")),
    **_each("batchDeleteTableVersion", EDIT, _database("database")),
    **_each("batchCreatePartition batchUpdatePartition batchDeletePartition", EDIT, _database("database")),
    **_each("deletePartition createPartitionIndex deletePartitionIndex", EDIT, _database("database")),
    **_each("updateColumnStatisticsForTable updateColumnStatisticsForPartition", EDIT, _database("database")),
    **_each("deleteColumnStatisticsForTable deleteColumnStatisticsForPartition", EDIT, _database("database")),
    **_each("createUserDefinedFunction updateUserDefinedFunction", EDIT, _database("database")),
    **_each("deleteUserDefinedFunction", EDIT, _database("database")),
    **_each("createConnection updateConnection deleteConnection", EDIT, _thing("connection")),
    **_each("testConnection", RUN, _thing("connection")),
    **_each("createClassifier updateClassifier deleteClassifier", EDIT, _thing("classifier")),
    **_each("createCrawler updateCrawler deleteCrawler updateCrawlerSchedule", EDIT, _thing("crawler")),
    **_each("startCrawlerSchedule stopCrawlerSchedule", EDIT, _thing("crawler")),
    **_each("startCrawler stopCrawler", RUN, _thing("crawler")),
    **_each("startCrawl", EDIT, _whole),  # of any place that the service can read
    **_each("stopCrawl", RUN, _thing("crawl", "runId")),
    **_each("applyCrawlPlan deleteCrawlPlan", EDIT, _thing("crawl plan", "planId")),
    **_each("postObjectEvents", RUN, _whole),
    **_each("createJob", EDIT, _new_job),
    **_each("updateJob", EDIT, _changed_job),
    **_each("deleteJob", EDIT, _job("name")),
    **_each("startJobRun resetJobBookmark setJobBookmarkToNow", RUN, _job("jobName")),
    **_each("stopJobRun", RUN, _run),
    **_each("createEnvironment updateEnvironment deleteEnvironment", EDIT, _thing("environment")),
    **_each("createTrigger updateTrigger deleteTrigger startTrigger stopTrigger", EDIT, _thing("trigger")),
    **_each("postTriggerEvents", RUN, _thing("trigger")),
    **_each("createWorkflow updateWorkflow deleteWorkflow", EDIT, _thing("workflow")),
    **_each("startWorkflowRun", RUN, _thing("workflow")),
    **_each("stopWorkflowRun resumeWorkflowRun putWorkflowRunProperties", RUN, _thing("workflow run", "runId")),
    **_each("createSession", EDIT, _new_session),
    **_each("runStatement", EDIT, _thing("session", "sessionId")),  # of any code, as to create a job
    **_each("stopSession deleteSession cancelStatement", RUN, _thing("session", "sessionId")),
    **_each("createWebhook updateWebhook deleteWebhook testWebhook", EDIT, _thing("webhook")),
    **_each("createAccessToken revokeAccessToken", ADMINISTER, _thing("token")),
    **_each("createAccessKey revokeAccessKey", ADMINISTER, _thing("access key")),
}

SUBSCRIPTIONS = {**_each("events", VIEW, _whole), **_each("runLog runStates crawlProgress", VIEW, _run)}
