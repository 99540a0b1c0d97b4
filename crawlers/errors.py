"""The closed list of a crawl's failures; a class's docstring is its message."""

from catalog.errors import DomainError


class PlaceNotFound(DomainError):
    """Place {place} does not exist or cannot be listed ({why}); correct the target, or make the place readable to this service."""


class DriverMissing(DomainError):
    """Place {place} needs a driver for {scheme}: that is not installed ({why}); install it beside the service and crawl again."""


class UnknownScheme(DomainError):
    """Place {place} begins with {scheme}:, which no driver knows; use a local path, file:// or a scheme of fsspec such as s3://."""


class TooManyTables(DomainError):
    """{found} tables were found where at most {threshold} were expected, so nothing was written; the first are {examples}."""


class CrawlStopped(DomainError):
    """The crawl was stopped before anything was written."""


class NotAvailable(DomainError):
    """{what} is not available here; {instead}"""


class Unreadable(DomainError):
    """{why}"""
