"""Speaking with the Isinglass service that runs this job: read plans, catalog tables, what was written, commits."""

from __future__ import annotations

import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from awsglue._plans import CatalogTable, KeyRange, ReadPlan, Written, declared
from awsglue._pruning import selected
from awsglue._refusals import ServiceError, refusal

RUN_FILE = "ISINGLASS_RUN_FILE"
PATIENCE_SECONDS = 600.0
_LONGEST_PAUSE_SECONDS = 15.0
_ANSWER_SECONDS = 900.0  # a plan over a large prefix is listed while we wait
_AWAY = (http.client.HTTPException, ConnectionError, TimeoutError, urllib.error.URLError)


class ServiceAwayError(ServiceError):
    """The service could not be reached for as long as we wait for one that restarts."""


class NoServiceError(ServiceError):
    """The job does not run under a service, and what it asked for needs one."""

    def __init__(self, what: str) -> None:
        super().__init__(
            "NoService",
            f"{what} needs the Isinglass service, and {RUN_FILE} is not set in the environment: start the job with "
            "the service (isinglass job run), or read and write by paths.",
        )


@dataclass
class Service:
    """A run's line to its service. The run file is read anew at each attempt: a restart may change port and token.

    `sleep` and `clock` are the time to wait by (seconds).
    """

    run_file: Path
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _told: bool = field(default=False, init=False)

    def run(self) -> dict[str, Any]:
        """The run file: endpoint, run_id, token, job_name, bookmark."""
        found: dict[str, Any] = json.loads(self.run_file.read_text(encoding="utf-8"))
        return found

    def read_plan(self, request: dict[str, Any]) -> ReadPlan:
        """Which files to read, and how, for a table or for paths.

        A predicate beyond the service's grammar is evaluated here, on the partitions it then tells of; PredicateError.
        """
        answer = self._call("POST", "read-plan", request)
        if "to_select" in answer:
            keys = declared(answer["partition_keys"])
            chosen = selected(keys, answer["to_select"], request["push_down_predicate"])
            answer = self._call("POST", "read-plan", {**request, "push_down_predicate": "", "partitions": chosen})
        _tell(request.get("transformation_ctx") or "", (answer.get("bookmark") or {}).get("note"))
        return ReadPlan.from_json(answer)

    def table(self, database: str, name: str) -> CatalogTable:
        """A catalog table; EntityNotFoundException if there is none."""
        path = f"tables/{quote(database, safe='')}/{quote(name, safe='')}"
        return CatalogTable.from_json(self._call("GET", path))

    def connection(self, name: str) -> dict[str, str]:
        """A catalog connection's properties, its password among them: never to be shown or logged.

        EntityNotFoundException if there is none.
        """
        properties: dict[str, str] = self._call("GET", f"connections/{quote(name, safe='')}")["properties"]
        return properties

    def partitions(self, database: str, name: str, predicate: str = "") -> list[tuple[tuple[str, ...], str]]:
        """The values and the folder of each partition of a table that the predicate selects."""
        path = f"tables/{quote(database, safe='')}/{quote(name, safe='')}/partitions"
        found = self._call("GET", f"{path}?predicate={quote(predicate, safe='')}" if predicate else path)
        return [(tuple(each["values"]), each["location"]) for each in found["partitions"] if each["location"]]

    def delete_partitions(self, database: str, name: str, values: list[list[str]]) -> None:
        """Takes partitions out of the catalog; their files stay."""
        path = f"tables/{quote(database, safe='')}/{quote(name, safe='')}/partitions/delete"
        self._call("POST", path, {"values": values})

    def written(self, report: Written) -> None:
        """Tells what a sink wrote; the service updates the catalog where asked to."""
        self._call("POST", "written", report.to_json())

    def stage(self, location: str) -> str:
        """The folder into which a sink writes what belongs to `location`: another one if the run stages its output."""
        return str(self._call("POST", "stage", {"location": location}).get("location") or location)

    def key_plan(self, transformation_ctx: str, keys: Sequence[str], descending: bool) -> KeyRange:
        """Which rows of a database the bookmark leaves to read."""
        body = {"transformation_ctx": transformation_ctx, "keys": list(keys), "descending": descending}
        found = self._call("POST", "bookmark/key-plan", body)
        _tell(transformation_ctx, found.get("note"))
        after, upto = (tuple(found[name]) if found.get(name) else None for name in ("after", "upto"))
        return KeyRange(bool(found.get("tracked")), after, upto)

    def keys_read(
        self, transformation_ctx: str, source: str, keys: Sequence[str], descending: bool, upto: Sequence[str] | None
    ) -> None:
        """Tells up to which row a read of `source` goes (None: there is none beyond the last run's)."""
        body = {"transformation_ctx": transformation_ctx, "keys": list(keys), "descending": descending}
        self._call("POST", "bookmark/keys-read", {**body, "source": source, "upto": upto and list(upto)})

    def count(self, transformation_ctx: str) -> int:
        """The number that a transform left in the bookmark; 0 if there is none."""
        return int(self._call("POST", "bookmark/count", {"transformation_ctx": transformation_ctx}).get("count") or 0)

    def note_count(self, transformation_ctx: str, count: int) -> None:
        """Leaves a number for the next run; it counts when this one succeeds."""
        self._call("POST", "bookmark/count", {"transformation_ctx": transformation_ctx, "count": count})

    def next_statement(self) -> tuple[int, str] | None:
        """The number and the code of the statement that a session is to carry out next, if there is one."""
        found = self._call("POST", "statements/next", {})
        return (int(found["number"]), str(found["code"])) if found else None

    def cancelling(self) -> int | None:
        """The number of the statement that the session is to interrupt."""
        number: int | None = self._call("GET", "statements/cancelling")["number"]
        return number

    def statement_ended(self, number: int, told: dict[str, Any]) -> None:
        """What a statement of the session printed, and how it failed, if it did."""
        self._call("PUT", f"statements/{number}", told)

    def commit(self) -> None:
        """Hands in the bookmark state of what was read; it counts when the run succeeds."""
        self._call("POST", "commit", {})

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One request, repeated while the service is away: for PATIENCE_SECONDS in all, then ServiceAwayError."""
        begun, pause = self.clock(), 0.25
        while True:
            try:
                return self._attempt(method, path, body)
            except _AWAY as error:
                if self.clock() - begun + pause > PATIENCE_SECONDS:
                    raise ServiceAwayError("ServiceAway", self._gone(error)) from error
                self._tell_once(error)
            self.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _attempt(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        run = self.run()
        request = urllib.request.Request(  # noqa: S310 - the endpoint comes from our own run file
            f"{run['endpoint']}/runs/{quote(run['run_id'], safe='')}/{path}",
            method=method,
            data=None if body is None else json.dumps(body, default=str).encode(),
            headers={"Authorization": f"Bearer {run['token']}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS) as response:  # noqa: S310
                answer: dict[str, Any] = json.loads(response.read() or b"{}")
                return answer
        except urllib.error.HTTPError as error:
            with error:
                if error.code in (502, 503):
                    raise ConnectionError(f"{error.code} {error.reason}") from error
                raise _refusal(error) from error

    def _tell_once(self, error: BaseException) -> None:
        if not self._told:
            self._told = True
            print(f"The Isinglass service does not answer ({error}); trying again for 10 minutes.", file=sys.stderr)

    def _gone(self, error: BaseException) -> str:
        return f"The Isinglass service did not answer for {PATIENCE_SECONDS / 60:.0f} minutes: {error}."


def _tell(transformation_ctx: str, note: str | None) -> None:
    if note:
        print(f"The bookmark of {transformation_ctx!r}: {note}.", file=sys.stderr)


def _refusal(error: urllib.error.HTTPError) -> ServiceError:
    text = error.read().decode("utf-8", "replace")
    try:
        told = json.loads(text)["error"]
        code, message = str(told["code"]), str(told["message"])
    except (ValueError, KeyError, TypeError):
        code, message = str(error.code), f"The Isinglass service answered {error.code} {error.reason}: {text[:500]}"
    return refusal(code, message)


def find_service() -> Service | None:
    """The service this job runs under, if any."""
    named = os.environ.get(RUN_FILE)
    return Service(Path(named)) if named else None


def get_service(what: str) -> Service:
    """The service this job runs under; NoServiceError saying that `what` needs one."""
    service = find_service()
    if service is None:
        raise NoServiceError(what)
    return service
