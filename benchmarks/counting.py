"""A port before a store, which counts the requests that pass: listings and reads of objects."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


@contextmanager
def counted(endpoint: str) -> Iterator[tuple[str, Counter[str]]]:
    """An address that leads to `endpoint`, and how many requests of each kind (LIST, GET, HEAD …) came so far."""
    to = urlsplit(endpoint)
    seen: Counter[str] = Counter()
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_serve, args=(server, (to.hostname, to.port), seen), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", seen
        with suppress(OSError):  # it is not connected, and so cannot be shut down on some systems
            server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket, to: tuple[str | None, int | None], seen: Counter[str]) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:  # closed: nobody needs the port any more
            return
        store = socket.create_connection((to[0] or "", to[1] or 80))
        threading.Thread(target=_pass_on, args=(client, store, seen), daemon=True).start()
        threading.Thread(target=_pass_on, args=(store, client, None), daemon=True).start()


def _pass_on(source: socket.socket, sink: socket.socket, seen: Counter[str] | None) -> None:
    """A request without a body is one packet, and the next is sent when its answer is there."""
    with suppress(OSError):
        while data := source.recv(65536):
            if seen is not None:
                verb, _, rest = data.partition(b" ")
                seen["LIST" if b"list-type=2" in rest.partition(b" ")[0] else verb.decode("latin-1")] += 1
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
