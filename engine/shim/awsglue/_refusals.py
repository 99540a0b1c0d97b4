"""What the service refuses, as the exceptions that scripts know from Glue: by class, and by words in the message."""

from __future__ import annotations

from py4j.protocol import Py4JJavaError
from pyspark.errors import AnalysisException


class ServiceError(Exception):
    """The service refused: its message, and its error `code` (such as NOT_FOUND)."""

    def __init__(self, code: str, message: str) -> None:
        Exception.__init__(self, message)  # whatever other classes of exceptions it is of
        self.code = code


class GlueException(ServiceError, Py4JJavaError):  # type: ignore[misc]  # py4j is untyped
    """A refusal of the catalog's, which Glue's Java would raise: scripts catch Py4JJavaError, or look for its name."""

    short = "Invalid Input"
    way_out = ""

    def __init__(self, code: str, message: str) -> None:
        name = type(self).__name__
        head = f"{self.short} (Service: AWSGlue; Status Code: 400; Error Code: {name})"
        told = " ".join(filter(None, (f"{head}: {message}", self.way_out)))
        ServiceError.__init__(self, code, told)
        self.errmsg = f"An error occurred while asking the catalog: {name}"
        self.java_exception = Thrown(f"com.amazonaws.services.glue.model.{name}", told)

    def __str__(self) -> str:
        return str(self.args[0])


class EntityNotFoundException(GlueException):
    """The catalog has no such database, table or connection."""

    short = "Entity Not Found"
    way_out = "Correct the name, or make it first: a crawler, a sink with enableUpdateCatalog or Glue's API can."


class AlreadyExistsException(GlueException):
    """The catalog has such a thing already."""

    short = "Already Exists"


class InvalidInputException(GlueException):
    """The service cannot do what it is asked to."""


class PathNotFoundException(ServiceError, AnalysisException):
    """There is no such folder or file: Spark, too, raises an AnalysisException."""

    def __init__(self, code: str, message: str) -> None:
        AnalysisException.__init__(self, f"Path does not exist: {message}")
        self.code, self.told = code, message

    def of_table(self, database: str, table: str) -> PathNotFoundException:
        """The same of a table's folder."""
        there = f"The catalog says that the table {database}.{table} has its files there"
        return PathNotFoundException(self.code, f"{self.told} {there}: put them back, or correct its location.")

    __str__ = AnalysisException.__str__


class Thrown:
    """What stands for the exception in Java, for scripts that ask it for its message. `name` is its class."""

    def __init__(self, name: str, message: str) -> None:
        self._name, self._message = name, message

    def getMessage(self) -> str:
        return self._message

    def getErrorCode(self) -> str:
        return self._name.rpartition(".")[2]

    def getClass(self) -> Thrown:
        return self

    def getName(self) -> str:
        return self._name

    def getCause(self) -> None:
        """Nothing lies behind it."""

    def toString(self) -> str:
        return f"{self._name}: {self._message}"

    __str__ = toString


_CLASSES: dict[str, type[ServiceError]] = {
    "NOT_FOUND": EntityNotFoundException,
    "ALREADY_EXISTS": AlreadyExistsException,
    "INVALID_INPUT": InvalidInputException,
    "PLACE_NOT_FOUND": PathNotFoundException,
}


def refusal(code: str, message: str) -> ServiceError:
    """The exception for an error code of the service's."""
    return _CLASSES.get(code, ServiceError)(code, message)
