"""The closed list of a crawl's failures; a class's docstring is its message."""

from catalog.errors import DomainError


class PlaceNotFound(DomainError):
    """Place {place} does not exist or cannot be listed ({why}); correct it, or let this service read it."""


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
