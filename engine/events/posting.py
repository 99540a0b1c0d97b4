"""Posting to a webhook: one request, no redirect followed, bounded in time."""

from __future__ import annotations

import http.client
import socket
import ssl
from threading import Event, Timer

from engine.errors import WebhookTargetRefused
from engine.events.webhook_targets import Target, resolve

STEP_SECONDS = 5.0  # to connect, and to wait for any byte
WHOLE_SECONDS = 15.0


def post(target: Target, headers: dict[str, str], body: bytes) -> str | None:
    """None if the receiver took it; else why not, in a few words without any secret."""
    try:
        family, address = resolve(target)
    except WebhookTargetRefused as error:
        return str(error)
    except OSError as error:
        return f"{target.host} cannot be found: {error.strerror or error}"
    with _opened(target, family) as opened:
        cut = Event()
        late = Timer(WHOLE_SECONDS, _cut, [opened, cut])
        late.start()
        try:
            opened.connect((address, target.port))  # the very address that was checked
            status = _exchange(target, opened, headers, body)
        except (OSError, http.client.HTTPException) as error:
            slow = isinstance(error, TimeoutError) or cut.is_set()
            return "it did not answer in time" if slow else f"it cannot be reached: {_why(error)}"
        finally:
            late.cancel()
    if 200 <= status < 300:
        return None
    return f"it answered {status}" + (", and redirects are not followed" if 300 <= status < 400 else "")


def _opened(target: Target, family: int) -> socket.socket:
    """A socket that is not connected yet; with TLS, one that demands the host's own certificate."""
    opened = socket.socket(family, socket.SOCK_STREAM)
    opened.settimeout(STEP_SECONDS)
    if not target.secure:
        return opened
    return ssl.create_default_context().wrap_socket(opened, server_hostname=target.host)


def _exchange(target: Target, opened: socket.socket, headers: dict[str, str], body: bytes) -> int:
    connection = http.client.HTTPConnection(target.host, target.port)
    if target.secure:
        connection.default_port = http.client.HTTPS_PORT  # which is then left out of the Host header
    connection.sock = opened
    connection.request("POST", target.path, body, headers)
    return connection.getresponse().status


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not good: {error.verify_message}"
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


def _cut(opened: socket.socket, cut: Event) -> None:
    cut.set()
    try:
        opened.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is closed already
