"""The composition root: what a process of Isinglass is made of, and in which order it starts and ends."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

import uvicorn

from api.app import build_app, build_run_app
from api.auth.exposure import CertificateUnusable, Tls, demand_protected, names_of, networks_of, tls_of
from api.auth.gate import Gate
from api.auth.http import LOOPBACK
from api.auth.principals import RUNS, Grant, Principal
from api.core import Core
from api.graphql.limits import MOST_BYTES
from api.hive.connection import Bounds
from api.hive.doors import Door, from_networks, from_own_user
from api.hive.server import HiveServer
from catalog.errors import DomainError
from engine.crawling.crawls import Crawls
from engine.events.deliveries import Deliveries
from engine.flows.scheduler import Scheduler
from engine.ledger.upkeep import Upkeep
from engine.model import CRAWL, JOB, SESSION, RunKind
from engine.reads.publishing import settle
from engine.running.execution import Execution
from engine.running.executors import Equip, executors
from engine.running.job_runs import JobRuns
from engine.running.worker import Worker
from engine.sessions.execution import Sessions, session_executors
from engine.spark.pool import Pool
from engine.spark.spark import SparkSettings
from engine.spark.sparkjobs import SparkJobs

_LOCALHOST = "127.0.0.1"


class PortTaken(DomainError):
    """Port {port} of {host} is in use; end what uses it, or give another with {option}."""


@dataclass(frozen=True)
class Service:
    """A process that answers, works runs off, and begins those that are due.

    `metastore_uri` is for Spark sessions on this machine.
    """

    core: Core
    worker: Worker
    scheduler: Scheduler
    deliveries: Deliveries
    upkeep: Upkeep
    endpoint: str
    metastore_uri: str
    pool: Pool


@contextmanager
def serving(core: Core, host: str, port: int, hive_port: int) -> Iterator[Service]:
    """Answer HTTP and Hive Thrift and be able to work runs off, until the block ends. Port 0 takes a free one.

    Worker and scheduler are not started: `serve` starts them, and a command that works off one run does not.
    Raises Unprotected, PortTaken, CertificateUnusable.
    """
    settings = core.settings
    demand_protected(settings, host)
    tls = tls_of(settings)
    gate = Gate(core.access, settings.auth == "on", account=settings.account)
    told = host in LOOPBACK if settings.introspection is None else settings.introspection
    app = build_app(core.catalog, core.engine, gate, names_of(settings, host), settings.account, told)
    with listening(host, port) as listener, ExitStack() as doors:
        endpoint = f"{'https' if tls else 'http'}://{_bracketed(host)}:{listener.getsockname()[1]}"
        metastore_uri = doors.enter_context(_metastores(core, gate, host, hive_port))
        alone = tls is None and host in LOOPBACK
        for_runs = endpoint if alone else doors.enter_context(_answering_runs(core, gate))
        glue = endpoint if alone and not gate.on else None
        service = _service(core, endpoint, for_runs, glue, metastore_uri)
        doors.enter_context(answering(app, listener, tls))
        yield service


@contextmanager
def _metastores(core: Core, gate: Gate, host: str, port: int) -> Iterator[str]:
    """The Hive face, and its URI for this machine's Spark sessions. With auth on these have a server of their own."""
    if not gate.on:
        with _metastore(core, host, port, gate) as own:
            yield f"thrift://{_bracketed(host)}:{own.port}"
        return
    networks = networks_of(core.settings)
    with ExitStack() as servers:
        if networks:
            clients = Principal("hive", Grant(core.settings.hive_role))
            servers.enter_context(_metastore(core, host, port, gate, Door(gate, clients, from_networks(networks))))
        door = Door(gate, RUNS, from_own_user)
        own = servers.enter_context(_metastore(core, _LOCALHOST, 0 if networks else port, gate, door))
        yield f"thrift://{_LOCALHOST}:{own.port}"


@contextmanager
def _metastore(core: Core, host: str, port: int, gate: Gate, door: Door | None = None) -> Iterator[HiveServer]:
    """Raises PortTaken."""
    bounds = Bounds(largest=core.settings.hive_largest_call)
    server = HiveServer(core.catalog, host, port, f"file:{core.home.warehouse}", bounds, door, gate)
    try:
        server.start()
    except OSError as error:
        raise PortTaken(host=host, port=port, option="--hive-port") from error
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def _answering_runs(core: Core, gate: Gate) -> Iterator[str]:
    """An address on loopback for the processes of runs, which have a token each, and need no certificate."""
    with listening(_LOCALHOST, 0) as listener, answering(build_run_app(core.catalog, core.engine, gate), listener):
        yield f"http://{_LOCALHOST}:{listener.getsockname()[1]}"


def _service(core: Core, endpoint: str, for_runs: str, glue: str | None, metastore_uri: str) -> Service:
    settings = core.settings
    spark_settings = SparkSettings(
        settings.spark_master,
        settings.driver_memory,
        metastore_uri,
        core.home.warehouse,
        core.home.path,
        settings.jars.expanduser().absolute() if settings.jars else None,
        settings.maven_repository,
    )

    spark = SparkJobs(spark_settings, settings.java_home)
    archive = spark.archive if settings.java_archive else None
    pool = Pool(core.home.warm, spark.equip_warming, settings.warm_jvms, archive)

    def runs_of(by_command: Mapping[str, Equip]) -> JobRuns:
        own, token, limit = core.home, core.engine.give_token, settings.run_log_limit
        return JobRuns(own.runs, own.path, for_runs, token, by_command, limit, pool.supervise, glue)

    jobs, sessions = runs_of(executors(spark_settings, settings.java_home)), runs_of(session_executors(spark.equip))
    executions: dict[RunKind, Execution] = {
        JOB: jobs,
        CRAWL: Crawls(core.catalog, core.home.runs, core.engine.spark),
        SESSION: Sessions(core.engine, sessions, core.home.runs, core.home.path),
    }
    places = core.engine.host.runs if core.engine.host else 1
    worker = Worker(core.engine, executions, lambda: settle(core.catalog, core.engine), places)
    audit = partial(core.access.prune_audit, settings.keep_audit_days)
    upkeep = Upkeep(core.engine, core.catalog, core.home.path, settings.keep, audit)
    return Service(core, worker, Scheduler(core.engine), Deliveries(core.engine), upkeep, endpoint, metastore_uri, pool)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket for the HTTP server. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise PortTaken(host=host, port=port, option="--port") from error
    with listener:
        # Accepted sockets inherit it; asyncio sets it on none whose protocol is told as 0, and each answer on a kept
        # connection would wait 40 ms for the client's acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener


@contextmanager
def answering(app: object, listener: socket.socket, tls: Tls | None = None) -> Iterator[None]:
    """Run the HTTP server in a thread of its own; signals stay with the caller. Raises CertificateUnusable."""
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
        ws_max_size=MOST_BYTES,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        if tls is None:
            raise
        raise CertificateUnusable(certificate=tls.certificate, key=tls.key, why=error.strerror or error) from error
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="http", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
