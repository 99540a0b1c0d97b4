"""The Glue face over HTTP: a raw ASGI application, as a route of FastAPI's halves the requests that it answers.

A request is POST / with the operation's name in X-Amz-Target, for some of CloudWatch Logs' as well; STS's are forms.
All work is done in threads, but for the reading.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from api.auth.access import Access
from api.auth.gate import Gate
from api.glue import sts
from api.glue.actions import action_of
from api.glue.calls import Call, Caller, Operation
from api.glue.cloudwatch.operations import OPERATIONS as LOG_OPERATIONS
from api.glue.cloudwatch.operations import refuse_logs
from api.glue.failures import (
    GlueFailure,
    InternalService,
    Invalid,
    TooLarge,
    UnknownOperation,
    Validation,
    told_as_glue,
)
from api.glue.model import Form, Model, glue_model, logs_model
from api.glue.operations import OPERATIONS, registries, schema_versions, schemas
from api.glue.permissions import Permission
from api.glue.refusals import refuse_operation
from api.glue.registry_words import unfit_words
from api.glue.signing import Request, Signing
from api.glue.tokens import dated, undated
from catalog.catalog import Catalog
from catalog.errors import DomainError
from catalog.model import Origin
from engine.engine import Engine

MOST_BYTES = 8 * 2**20
TARGET = b"x-amz-target"
_NEXT = "NextToken"
# A UUID for each answer, of which all but the last group are the process's: to ask the system for each takes long.
_PROCESS = str(uuid.uuid4())[:24]
_ANSWERS = count()
_JSON = b"application/x-amz-json-1.1"
_THREADS = 16
# What breaks the model in these is an invalid input, and no validation error.
_OF_THE_REGISTRY = frozenset([*registries.OPERATIONS, *schemas.OPERATIONS, *schema_versions.OPERATIONS])

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Service:
    """One of AWS's services that this endpoint answers for; `prefix` is what its operations' names begin with.

    `refuse` says why it has not an operation of the model; `invalid` is the code for what breaks the model.
    """

    prefix: str
    model: Callable[[], Model]
    operations: Mapping[str, Operation]
    refuse: Callable[[str], GlueFailure]
    invalid: str


GLUE = Service("AWSGlue.", glue_model, OPERATIONS, refuse_operation, "ValidationException")
LOGS = Service("Logs_20140328.", logs_model, LOG_OPERATIONS, refuse_logs, "InvalidParameterException")


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    error: str | None = None
    content: bytes = _JSON


class GlueApp:
    """Answers Glue's requests; the gate is asked before each operation.

    Without a `gate`, everybody may do all that the resource policy does not deny.
    """

    def __init__(
        self,
        catalog: Catalog,
        engine: Engine,
        account: str,
        signing: Signing,
        gate: Gate | None = None,
    ) -> None:
        self.catalog = catalog
        self.engine = engine
        self.account = account
        self.signing = signing
        self.gate = gate or Gate(Access(catalog.engine, catalog.sealer), account=account)
        self.permission = Permission(self.gate)
        self.threads = ThreadPoolExecutor(_THREADS, "glue")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        body = await _body(receive)
        if body is None:
            answer = _refused(TooLarge(f"The request has more than {MOST_BYTES:,} bytes."))
        else:
            request = Request(
                scope["method"], scope["path"], scope.get("query_string", b"").decode("latin-1"), headers, body
            )
            answer = await asyncio.get_running_loop().run_in_executor(self.threads, self.answer, request)
        await _send(answer, send)

    def answer(self, request: Request) -> Answer:
        """Never raises: what goes wrong by our own fault is logged, and told as a failure of the service."""
        asks_sts = sts.is_asked(request.headers)
        try:
            return self._identity(request) if asks_sts else Answer(200, self._answered(request))
        except GlueFailure as failure:
            told = failure
        except Exception:
            log.exception(
                "a Glue request failed: %s", sts.SERVICE if asks_sts else request.headers.get(TARGET.decode())
            )
            told = InternalService("The service failed; its log says why.")
        return Answer(*sts.refused(told), content=sts.CONTENT) if asks_sts else _refused(told)

    def _identity(self, request: Request) -> Answer:
        try:
            return Answer(
                200, sts.answer(request.body, self.signing.identify(request), self.account), content=sts.CONTENT
            )
        except DomainError as error:
            raise told_as_glue(error, {}) from error

    def _answered(self, request: Request) -> bytes:
        asked: dict[str, Any] = {}
        try:
            caller = self.signing.identify(request)
            service, name = _operation(request.headers)
            operation = service.operations.get(name)
            if operation is None:
                raise service.refuse(name)
            form = service.model().form_of(name)
            asked = _read(service, name, form, request.body)
            if asked.get(_NEXT):
                asked[_NEXT] = undated(asked[_NEXT], self.engine.now())
            call = Call(asked, self._catalog_of(caller), self.engine, self.account, self.gate.policies, caller)
            self.permission(call, action_of(name), name)
            call.demand_own_catalog()
            told = self.permission.leave_out(call, name, operation(call))
            if told.get(_NEXT):
                told = {**told, _NEXT: dated(told[_NEXT], self.engine.now())}
            return orjson.dumps(form.told(told))
        except DomainError as error:
            raise told_as_glue(error, asked) from error

    def _catalog_of(self, caller: Caller) -> Catalog:
        return self.catalog.acting_as(Origin("glue", caller.principal))


class GlueFirst:
    """Glue's requests to the one application, all others to the other."""

    def __init__(self, glue: GlueApp, others: ASGIApp) -> None:
        self.glue = glue
        self.others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        mine = scope["type"] == "http" and scope["method"] == "POST" and scope["path"] in ("/", "")
        await (self.glue if mine else self.others)(scope, receive, send)


def _operation(headers: Mapping[str, str]) -> tuple[Service, str]:
    """Raises UnknownOperation for a name that the model does not have."""
    target = headers.get(TARGET.decode())
    if target is None:
        raise UnknownOperation("The request names no operation: X-Amz-Target is missing.")
    service = LOGS if target.startswith(LOGS.prefix) else GLUE
    name = target.removeprefix(service.prefix)
    if name == target or name not in service.model().operations:
        raise UnknownOperation(f"The model of Glue has no operation {target[:100]!r}.")
    return service, name


def _read(service: Service, name: str, form: Form, body: bytes) -> dict[str, Any]:
    try:
        return form.read(body)
    except Validation as failure:
        if name in _OF_THE_REGISTRY:
            raise Invalid(unfit_words(failure.problems) or str(failure)) from failure
        raise GlueFailure(str(failure), service.invalid) from failure


async def _body(receive: Receive) -> bytes | None:
    """None for a body that is too large, as soon as that is known; the rest of it is read, or clients would fail."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":  # the client has gone
            return b""
        part: bytes = message.get("body", b"")
        size += len(part)
        if size <= MOST_BYTES:
            parts.append(part)
        elif size > 8 * MOST_BYTES:
            return None
        if not message.get("more_body", False):
            return b"".join(parts) if size <= MOST_BYTES else None


def _refused(failure: GlueFailure) -> Answer:
    return Answer(failure.status, failure.body(), failure.code)


async def _send(answer: Answer, send: Send) -> None:
    headers = [
        (b"content-type", answer.content),
        (b"content-length", str(len(answer.body)).encode()),
        (b"x-amzn-requestid", f"{_PROCESS}{next(_ANSWERS):012x}".encode()),
    ]
    if answer.error is not None:
        headers.append((b"x-amzn-errortype", answer.error.encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
