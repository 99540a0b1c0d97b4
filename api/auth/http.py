"""The gate as HTTP passes it: own names only, a bearer's token, and the headers that browsers are to obey."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth.audit import Asking
from api.auth.errors import Unauthenticated
from api.auth.gate import Gate
from api.errors import told

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}
# For answers that bring no policy of their own: nothing is loaded, run, framed or sent by a page.
POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
# Health and the console's files are told to everybody; GraphQL also takes a socket's first message.
ASKING_THEMSELVES = ("/health", "/console", "/graphql")


class OwnNames:
    """Refuses requests that a page of another site could have made the browser send: by their Host or Origin."""

    def __init__(self, app: ASGIApp, names: Collection[str] = LOOPBACK) -> None:
        self.app = app
        self.names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (refusal := self._foreign(scope)):
            await _tell(403, "FORBIDDEN", refusal)(scope, receive, send)
            return
        if scope["type"] == "websocket" and self._foreign(scope):
            await send({"type": "websocket.close", "code": 1008})
            return
        await self.app(scope, receive, send)

    def _foreign(self, scope: Scope) -> str | None:
        host = _header(scope, b"host") or ""
        if _name(f"//{host}") not in self.names:
            return f"Host {host!r} is not this service's; use one of {', '.join(sorted(self.names))}."
        origin = _header(scope, b"origin")
        if origin is not None and _name(origin) not in self.names:
            return f"Requests from pages of {origin} are not taken."
        return None


class Tokens:
    """Finds out whose token a request holds, for `Gate.principal`.

    Without one, it goes on to those faces alone that ask the gate themselves.
    """

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self.app = app
        self.gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.gate.on or scope["type"] not in ("http", "websocket") or _in(scope["path"], "/runs"):
            await self.app(scope, receive, send)
            return
        header = _header(scope, b"authorization") or ""
        asked_behind = any(_in(scope["path"], path) for path in ASKING_THEMSELVES)
        if asked_behind and not header.lower().startswith("bearer "):
            await self.app(scope, receive, send)
            return
        try:
            principal = self.gate.recall(header) or await run_in_threadpool(self.gate.bearer, header)
        except Unauthenticated as error:
            await self._refuse(error, scope, receive, send)
            return
        scope["state"] = {**scope.get("state", {}), "principal": principal}
        await self.app(scope, receive, send)

    async def _refuse(self, error: Unauthenticated, scope: Scope, receive: Receive, send: Send) -> None:
        await hold_back(self.gate, scope, Asking("http", scope["path"]))
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        known = told(error)
        response = _tell(known.status, known.code, str(error))
        response.headers["www-authenticate"] = "Bearer"
        await response(scope, receive, send)


class Headers:
    """Adds the headers that keep a browser from taking an answer for what it is not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("content-security-policy", POLICY)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


async def hold_back(gate: Gate, scope: Scope, asking: Asking) -> None:
    """Take note of a caller without a good proof, and wait if that was not its first."""
    client = scope.get("client")
    seconds = await run_in_threadpool(gate.fail, client[0] if client else "unknown", asking)
    if seconds:
        await gate.pause(seconds)


def _tell(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message}}, status)


def _in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _header(scope: Scope, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)


def _name(url: str) -> str | None:
    """The host that `url` names; None if it names none, or is no URL."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
