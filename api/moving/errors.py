"""Failures of moving, which only the command line tells; a class's docstring is its message."""

from catalog.errors import DomainError


class SourceUnavailable(DomainError):
    """{source} cannot be read: {why}. What was read before it is imported; run the import again for the rest."""


class NotAnExport(DomainError):
    """{file}, line {line}: {why}. Nothing was imported; give a file that `isinglass catalog export` wrote."""


class PartMissing(DomainError):
    """{what} needs {package}, which is not installed; install it with: pip install '{extra}'"""


class FileRefused(DomainError):
    """{file} cannot be {done}: {why}."""


class HomeNotEmpty(DomainError):
    """{what} is not empty ({why}); a restore overwrites nothing: give another home, or an empty database."""


class BackupUnusable(DomainError):
    """{file} cannot be restored: {why}."""
