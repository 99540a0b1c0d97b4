"""The closed list of a crawl's failures; a class's docstring is its message."""

from catalog.errors import DomainError


class PlaceNotFound(DomainError):
    """Place {place} does not exist or cannot be listed ({why}); correct it, or let this service read it."""


class PlaceDenied(DomainError):
    """Place {place} refuses this service ({why}); give it keys that may list the place and read what lies there."""


class PlaceFailing(DomainError):
    """Place {place} fails, also when asked again ({why}); see that its store is well, and crawl again."""


class DriverMissing(DomainError):
    """Place {place} needs a driver for {scheme}:// that is missing ({why}); install it beside the service."""


class UnknownScheme(DomainError):
    """Place {place} begins with {scheme}:, which no driver knows; give a local path, or a URI such as s3://…"""


class TooManyTables(DomainError):
    """{found} tables were found, {threshold} are allowed, so nothing was written; the first are {examples}."""


class CrawlStopped(DomainError):
    """The crawl was stopped before anything was written."""


class NotAvailable(DomainError):
    """{what} is not available here; {instead}"""


class Unreadable(DomainError):
    """{why}"""


class FolderRefused(DomainError):
    """Folder {place} cannot be {done} ({why}); let this service do so, or do it yourself."""


class StoreUnreachable(DomainError):
    """Connection {connection} does not reach {url} ({why}); correct it, or start what it leads to."""


class PlanOutdated(DomainError):
    """Crawl plan {plan} is outdated, so none of it was written: {why}; make a new plan."""


class PlanApplied(DomainError):
    """Crawl plan {plan} was applied already, at {at}; make a new plan to see what is to be done now."""


class PlanExpired(DomainError):
    """Crawl plan {plan} expired at {at}; make a new plan."""


class BadPattern(DomainError):
    """Grok pattern {pattern!r} cannot be used: {why}; correct it."""
