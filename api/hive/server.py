"""The metastore's server: a listening socket, and a thread for each connection.

Threads, because a metastore's clients hold few and long connections and the database driver blocks anyway.
"""

from __future__ import annotations

import gc
import logging
import selectors
import socket
import sys
from threading import Lock, Thread

from api.auth.gate import Gate
from api.hive.connection import Bounds, Conversation
from api.hive.doors import Door
from api.hive.duties import Warehouse, ensure_default
from api.hive.policing import Policing
from api.hive.replies import Replies
from api.hive.session import Session
from catalog.catalog import Catalog

_BACKLOG = 1_024  # clients whom the system greets while the server is busy
TURN = 0.000_5  # seconds that a thread computes before another may: a short read must not wait for a long write
_PAUSE = 0.2  # seconds until a process without free files is asked again
_log = logging.getLogger(__name__)


class HiveServer:
    """Serves `catalog` on `host` and `port` from `start` until `stop`. Port 0 takes a free one, told by `port`.

    `warehouse` is the place of databases and managed tables that are given none: a plain path or URI, as Hadoop has it.
    Without a `door`, every client is taken, and may do everything but what the resource policy of `gate` denies.
    """

    def __init__(
        self,
        catalog: Catalog,
        host: str,
        port: int,
        warehouse: str,
        bounds: Bounds | None = None,
        door: Door | None = None,
        gate: Gate | None = None,
    ) -> None:
        self.catalog = catalog
        self.warehouse = Warehouse(warehouse)
        self.replies = Replies()
        self.bounds = bounds or Bounds()
        self.door = door
        self.policing = Policing(door.gate, door.principal) if door else Policing(gate) if gate else None
        self.host = host
        self.port = port
        self._lock = Lock()
        self._peers: dict[socket.socket, Thread] = {}

    def start(self) -> None:
        """Raises OSError if nothing can listen at that address. The database `default` is there from then on."""
        ensure_default(self.catalog, self.warehouse)
        _spare_the_collector()
        sys.setswitchinterval(TURN)
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            self._listener = socket.create_server((self.host, self.port), family=family, backlog=_BACKLOG)
        except OSError as error:
            what = f"The Hive metastore cannot listen on {self.host}:{self.port}: {error.strerror}"
            raise OSError(error.errno, what) from error
        self.port = self._listener.getsockname()[1]
        self._stopping, self._stopped = socket.socketpair()
        self._acceptor = Thread(target=self._accept, name=f"hive:{self.port}", daemon=True)
        self._acceptor.start()

    def stop(self) -> None:
        """Close the port and every connection, and wait until the call each is in has ended."""
        self._stopping.close()
        self._acceptor.join()
        self._stopped.close()
        with self._lock:
            peers = dict(self._peers)
        for peer, thread in peers.items():
            _hang_up(peer)
            thread.join()

    def _accept(self) -> None:
        with self._listener, selectors.DefaultSelector() as selector:
            self._listener.setblocking(False)  # a client may be gone between the two
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._stopped, selectors.EVENT_READ)
            while True:
                if any(key.fileobj is self._stopped for key, _ in selector.select()):
                    return
                if not self._admit():
                    selector.unregister(self._listener)
                    selector.select(_PAUSE)
                    selector.register(self._listener, selectors.EVENT_READ)

    def _admit(self) -> bool:
        """Serve the next client. False: the process has no file or thread left for it now."""
        try:
            peer, _ = self._listener.accept()
        except (BlockingIOError, ConnectionError):
            return True
        except OSError as error:
            _log.warning("The Hive metastore cannot take more clients now: %s", error.strerror)
            return False
        try:
            self._welcome(peer)
        except OSError:  # it is gone already
            peer.close()
        except RuntimeError as error:
            _log.warning("The Hive metastore cannot take more clients now: %s", error)
            peer.close()
            return False
        return True

    def _welcome(self, peer: socket.socket) -> None:
        peer.setblocking(True)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        thread = Thread(target=self._serve, args=(peer,), name=f"hive:{self.port}:{peer.fileno()}", daemon=True)
        with self._lock:
            self._peers[peer] = thread
        try:
            thread.start()
        except RuntimeError:
            with self._lock:
                del self._peers[peer]
            raise

    def _serve(self, peer: socket.socket) -> None:
        try:
            with peer:
                if self.door and not self.door.admits(peer):
                    _log.warning("A Hive client was not taken: it is neither of a named network nor of our own user")
                    return
                session = Session(self.catalog, self.warehouse, self.replies, self.door, self.policing)
                Conversation(session, peer, self.bounds).serve()
        except Exception:
            _log.exception("A Hive client was disconnected for a failure of ours")
        finally:
            with self._lock:
                del self._peers[peer]


def _spare_the_collector() -> None:
    """Look for cycles of garbage seldom: a list of partitions is made of ten thousands of objects without any.

    At Python's own thresholds, looking through them takes longer than making them. It holds for the whole process.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _hang_up(peer: socket.socket) -> None:
    try:
        peer.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client was faster
