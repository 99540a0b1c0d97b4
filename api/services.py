"""The composition root: what a process of Isinglass is made of, and in which order it starts and ends."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from api.app import build_app
from api.core import Core
from api.graphql.limits import MOST_BYTES
from api.hive.connection import Bounds
from api.hive.server import HiveServer
from catalog.errors import DomainError
from engine.crawling.crawls import Crawls
from engine.events.deliveries import Deliveries
from engine.flows.scheduler import Scheduler
from engine.ledger.upkeep import Upkeep
from engine.model import CRAWL, JOB, RunKind
from engine.reads.publishing import settle
from engine.running.execution import Execution
from engine.running.executors import executors
from engine.running.job_runs import JobRuns
from engine.running.worker import Worker
from engine.spark.pool import Pool
from engine.spark.spark import SparkSettings
from engine.spark.sparkjobs import SparkJobs

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class PortTaken(DomainError):
    """Port {port} of {host} is in use; end what uses it, or give another with {option}."""


class NotLoopback(DomainError):
    """Isinglass does not listen on {host}: it has no roles yet. Use 127.0.0.1 and a tunnel."""


@dataclass(frozen=True)
class Service:
    """A process that answers, works runs off, and begins those that are due."""

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
    Raises NotLoopback, PortTaken.
    """
    if host not in _LOOPBACK:
        raise NotLoopback(host=host)
    with listening(host, port) as listener:
        bounds = Bounds(largest=core.settings.hive_largest_call)
        metastore = HiveServer(core.catalog, host, hive_port, f"file:{core.home.warehouse}", bounds)
        try:
            metastore.start()
        except OSError as error:
            raise PortTaken(host=host, port=hive_port, option="--hive-port") from error
        try:
            endpoint = f"http://{_bracketed(host)}:{listener.getsockname()[1]}"
            metastore_uri = f"thrift://{_bracketed(host)}:{metastore.port}"
            service = _service(core, endpoint, metastore_uri)
            with answering(build_app(core.catalog, core.engine), listener):
                yield service
        finally:
            metastore.stop()


def _service(core: Core, endpoint: str, metastore_uri: str) -> Service:
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
    jobs = JobRuns(
        core.home.runs,
        core.home.path,
        endpoint,
        core.engine.give_token,
        executors(spark_settings, settings.java_home),
        settings.run_log_limit,
        pool.supervise,
    )
    executions: dict[RunKind, Execution] = {
        JOB: jobs,
        CRAWL: Crawls(core.catalog, core.home.runs, core.engine.spark),
    }
    places = core.engine.host.runs if core.engine.host else 1
    worker = Worker(core.engine, executions, lambda: settle(core.catalog, core.engine), places)
    upkeep = Upkeep(core.engine, core.catalog, core.home.path, settings.keep)
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
def answering(app: object, listener: socket.socket) -> Iterator[None]:
    """Run the HTTP server in a thread of its own; signals stay with the caller."""
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
        ws_max_size=MOST_BYTES,
    )
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
