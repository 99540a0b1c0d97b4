"""One table: each failure of the domain, as every face tells it. A test demands that none is missing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from api.auth import errors as auth
from catalog import errors as catalog
from crawlers import errors as crawlers
from engine import errors as engine


class Code(StrEnum):
    """What went wrong, in the words that GraphQL, HTTP and the command line share."""

    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    NOT_EMPTY = "NOT_EMPTY"
    INVALID_INPUT = "INVALID_INPUT"
    CONFLICT = "CONFLICT"
    LIMIT_REACHED = "LIMIT_REACHED"
    ALREADY_RUNNING = "ALREADY_RUNNING"
    NOT_RUNNING = "NOT_RUNNING"
    NOT_SUPPORTED = "NOT_SUPPORTED"
    PLACE_NOT_FOUND = "PLACE_NOT_FOUND"
    CANCELLED = "CANCELLED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    UNAVAILABLE = "UNAVAILABLE"


@dataclass(frozen=True)
class Told:
    """How a failure is told: `glue` is the API's code; of `hive`, the first exception that the method declares."""

    code: Code
    status: int
    glue: str
    hive: tuple[str, ...] = ()


_INVALID = Told(
    Code.INVALID_INPUT, 400, "InvalidInputException", ("InvalidObjectException", "InvalidOperationException")
)
_UNSUPPORTED = Told(Code.NOT_SUPPORTED, 400, "OperationNotSupportedException")
_CONFLICT = Told(Code.CONFLICT, 409, "ConcurrentModificationException")

TABLE: dict[type[catalog.DomainError], Told] = {
    catalog.NotFound: Told(
        Code.NOT_FOUND,
        404,
        "EntityNotFoundException",
        ("NoSuchObjectException", "InvalidOperationException", "InvalidObjectException"),
    ),
    catalog.AlreadyExists: Told(
        Code.ALREADY_EXISTS, 409, "AlreadyExistsException", ("AlreadyExistsException", "InvalidOperationException")
    ),
    catalog.DatabaseNotEmpty: Told(Code.NOT_EMPTY, 409, "InvalidInputException", ("InvalidOperationException",)),
    catalog.InvalidInput: _INVALID,
    catalog.InvalidType: _INVALID,
    catalog.InvalidPredicate: Told(Code.INVALID_INPUT, 400, "InvalidInputException"),
    catalog.InvalidSchema: _INVALID,
    catalog.VersioningDisabled: Told(Code.CONFLICT, 409, "InvalidInputException"),
    catalog.CheckpointKept: _CONFLICT,
    catalog.InvalidPageToken: Told(Code.INVALID_INPUT, 400, "InvalidInputException"),
    catalog.VersionConflict: _CONFLICT,
    catalog.LimitReached: Told(Code.LIMIT_REACHED, 400, "ResourceNumberLimitExceededException"),
    catalog.SecretUnusable: Told(Code.UNAVAILABLE, 503, "GlueEncryptionException"),
    catalog.StoreUnavailable: Told(Code.UNAVAILABLE, 503, "InternalServiceException"),
    crawlers.PlaceNotFound: Told(Code.PLACE_NOT_FOUND, 400, "InvalidInputException"),
    crawlers.PlaceDenied: Told(Code.FORBIDDEN, 403, "AccessDeniedException"),
    crawlers.PlaceFailing: Told(Code.UNAVAILABLE, 503, "InternalServiceException"),
    crawlers.DriverMissing: _UNSUPPORTED,
    crawlers.UnknownScheme: _UNSUPPORTED,
    crawlers.TooManyTables: Told(Code.INVALID_INPUT, 400, "InvalidInputException"),
    crawlers.CrawlStopped: Told(Code.CANCELLED, 409, "CrawlerStoppingException"),
    crawlers.NotAvailable: _UNSUPPORTED,
    crawlers.Unreadable: _INVALID,
    crawlers.StoreUnreachable: Told(Code.PLACE_NOT_FOUND, 400, "InvalidInputException"),
    crawlers.PlanOutdated: _CONFLICT,
    crawlers.PlanApplied: Told(Code.ALREADY_EXISTS, 409, "InvalidInputException"),
    crawlers.PlanExpired: Told(Code.INVALID_INPUT, 400, "InvalidInputException"),
    crawlers.BadPattern: Told(Code.INVALID_INPUT, 400, "InvalidInputException"),
    crawlers.FolderRefused: Told(Code.CONFLICT, 409, "InvalidInputException"),
    engine.IllegalMove: _CONFLICT,
    engine.LostRun: _CONFLICT,
    engine.CrawlerRunning: Told(Code.ALREADY_RUNNING, 409, "CrawlerRunningException"),
    engine.CrawlerNotRunning: Told(Code.NOT_RUNNING, 409, "CrawlerNotRunningException"),
    engine.NoSchedule: Told(Code.INVALID_INPUT, 400, "NoScheduleException"),
    engine.ScheduleRunning: Told(Code.ALREADY_RUNNING, 409, "SchedulerRunningException"),
    engine.ScheduleNotRunning: Told(Code.NOT_RUNNING, 409, "SchedulerNotRunningException"),
    engine.ConcurrentRunsExceeded: Told(Code.ALREADY_RUNNING, 409, "ConcurrentRunsExceededException"),
    engine.ConnectionNotListed: Told(Code.FORBIDDEN, 403, "AccessDeniedException"),
    engine.WorkflowRunsExceeded: Told(Code.ALREADY_RUNNING, 409, "ConcurrentRunsExceededException"),
    engine.WorkflowRunning: Told(Code.ALREADY_RUNNING, 409, "InvalidInputException"),
    engine.WorkflowRunNotActive: Told(Code.NOT_RUNNING, 409, "IllegalWorkflowStateException"),
    engine.WorkflowRunActive: Told(Code.ALREADY_RUNNING, 409, "IllegalWorkflowStateException"),
    engine.RunNotActive: Told(Code.NOT_RUNNING, 409, "IllegalWorkflowStateException"),
    engine.SessionNotReady: Told(Code.NOT_RUNNING, 409, "IllegalSessionStateException"),
    engine.SessionNotActive: Told(Code.NOT_RUNNING, 409, "IllegalSessionStateException"),
    engine.SessionTimedOut: Told(Code.NOT_RUNNING, 409, "InvalidInputException"),
    engine.BookmarkConflict: _CONFLICT,
    engine.OutputNotPublished: Told(Code.UNAVAILABLE, 503, "InternalServiceException"),
    engine.StagedOutputGone: _CONFLICT,
    engine.NoJava: Told(Code.UNAVAILABLE, 503, "InternalServiceException"),
    engine.UnsuitableJava: Told(Code.UNAVAILABLE, 503, "InternalServiceException"),
    engine.SparkReaderFailed: Told(Code.UNAVAILABLE, 503, "InternalServiceException"),
    engine.ScriptNotFound: _INVALID,
    engine.RunFolderUnusable: Told(Code.UNAVAILABLE, 503, "InternalServiceException"),
    engine.ArgumentRefused: _UNSUPPORTED,
    engine.ArgumentFileUnusable: _INVALID,
    engine.JarFolderMissing: Told(Code.UNAVAILABLE, 503, "InternalServiceException"),
    engine.UnknownLakeFormat: _INVALID,
    engine.LakeFormatMissing: _UNSUPPORTED,
    engine.UnsupportedSource: _UNSUPPORTED,
    engine.WebhookTargetRefused: _INVALID,
    engine.PlanTooSlow: Told(Code.LIMIT_REACHED, 400, "OperationTimeoutException"),
    engine.PreviewFailed: _INVALID,
    engine.WrongRunToken: Told(Code.FORBIDDEN, 403, "AccessDeniedException"),
    auth.Unauthenticated: Told(Code.UNAUTHENTICATED, 401, "AccessDeniedException"),
    auth.Forbidden: Told(Code.FORBIDDEN, 403, "AccessDeniedException"),
    auth.ExplicitlyDenied: Told(Code.FORBIDDEN, 403, "AccessDeniedException"),
    auth.PolicyConditionFailed: Told(Code.CONFLICT, 409, "ConditionCheckFailureException"),
}


def told(error: catalog.DomainError) -> Told:
    return TABLE[type(error)]
