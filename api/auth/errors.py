"""Why a caller is not let in, or may not do what was asked; a class's docstring is its message."""

from catalog.errors import DomainError


class Unauthenticated(DomainError):
    """{why} Give a token as `Authorization: Bearer isg_…`; `isinglass token create` makes one."""


class Forbidden(DomainError):
    """{principal} may not {action} {resource}: {why}."""


class ExplicitlyDenied(DomainError):
    """User: {user} is not authorized to perform: {action} on resource: {resource} with an explicit deny in a resource-based policy"""  # noqa: E501 - as AWS says it


class PolicyConditionFailed(DomainError):
    """The resource policy was not changed: {why}."""
