"""A line to a PostgreSQL server that can be cut: a Unix socket whose bytes are passed on."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path

from sqlalchemy import make_url


class Line:
    """`url` is the database's, by way of the socket in `folder`, which stays short: the system allows 107 bytes."""

    def __init__(self, url: str, folder: Path) -> None:
        parsed = make_url(url)
        port = parsed.port or int(str(parsed.query.get("port", 5432)))
        host = str(parsed.query.get("host") or parsed.host)
        self.server = str(Path(host) / f".s.PGSQL.{port}")
        self.place = folder / f".s.PGSQL.{port}"
        query = {**parsed.query, "host": str(folder)}
        self.url = parsed.set(query=query, host=None).render_as_string(hide_password=False)
        self.open: list[socket.socket] = []
        self.listener: socket.socket | None = None

    def mend(self) -> None:
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.place))
        self.listener.listen(64)
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def cut(self) -> None:
        """Whoever is connected is no longer, and nobody gets a connection."""
        assert self.listener is not None
        self.place.unlink()
        for each in [self.listener, *self.open]:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self.open.clear()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # it is closed when the line is cut
            while True:
                client, _ = listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.server)
                self.open += [client, server]
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=_pass_on, args=(source, target), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while content := source.recv(1 << 16):
            target.sendall(content)
    for each in (source, target):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
