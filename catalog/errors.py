"""The closed list of the catalog's failures; a class's docstring is its message."""

from inspect import cleandoc


class DomainError(Exception):
    """Something was refused for a reason the caller can act on.

    The class's docstring is a format string; the facts it names are passed as keywords and kept as attributes,
    so that each face can translate the failure without reading its text.
    """

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(cleandoc(type(self).__doc__ or "").format(**facts))

    def __getattr__(self, name: str) -> object:
        try:
            return self.__dict__["facts"][name]
        except KeyError:
            raise AttributeError(name) from None


class NotFound(DomainError):
    """{kind} {name} not found."""


class AlreadyExists(DomainError):
    """{kind} {name} already exists."""


class DatabaseNotEmpty(DomainError):
    """Database {name} still holds {count} {kind}(s); delete them first, or ask for cascade."""


class InvalidInput(DomainError):
    """{what} is not valid: {why}"""


class InvalidType(DomainError):
    """Type {text!r} is not a Hive type: {why} at character {position}."""


class InvalidPredicate(DomainError):
    """Partition filter {text!r} cannot be read: {why}"""


class InvalidSchema(DomainError):
    """Schema definition of {format} data format is invalid: {why}"""


class VersioningDisabled(DomainError):
    """Schema {name} takes no further versions: its compatibility is DISABLED; change that first."""


class CheckpointKept(DomainError):
    """Version {number} of schema {name} cannot be deleted: it is the checkpoint; set another one first."""


class InvalidPageToken(DomainError):
    """The page token is not one of this list; start again without a token."""


class VersionConflict(DomainError):
    """{kind} {name} is at version {actual}, not {expected}: someone changed it meanwhile; read it again and retry."""


class LimitReached(DomainError):
    """{what} cannot be created: there are {limit} already, and no more are allowed; delete one first."""


class SecretUnusable(DomainError):
    """{what} cannot be used: {why}"""


class StoreUnavailable(DomainError):
    """The catalog's database {url} cannot be used: {why}"""
