"""`isinglass serve`, `demo` and `spark-conf`."""

from __future__ import annotations

import logging
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import HomeOption, OutputOption, settings_of
from api.cli.output import Format, Output
from api.core import open_core
from api.home import Home


def serve(
    host: Annotated[
        str | None,
        typer.Option(help="Address to listen on. But for loopback, it takes ISINGLASS_AUTH=on, and TLS or a proxy."),
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of HTTP; 0 takes a free one. [default: 8765]")
    ] = None,
    hive_port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port of the Hive Metastore; 0 takes a free one. [default: 9083]"),
    ] = None,
    behind_proxy: Annotated[
        bool,
        typer.Option("--behind-proxy", help="All that reaches the service comes by a proxy that ends TLS."),
    ] = False,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Serve the catalog, begin what is due, and work off runs.

    Answers GraphQL, the AWS Glue API and the Hive Metastore protocol, and carries out crawls, also those of
    schedules, and job runs, until interrupted.
    """
    from api import logs  # the whole service is slow to import, and other commands do without
    from api.auth.first import first_token
    from api.services import serving

    logs.configure()
    settings = settings_of(home, host=host, port=port, hive_port=hive_port, behind_proxy=behind_proxy or None)
    core, out = open_core(settings, "http"), Output(output)
    if settings.auth == "on" and (file := first_token(core.access, core.home.path)):
        out.say(f"a token of an admin lies in {file}; keep it elsewhere and remove the file")
    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.set())
    with core.home.locked(), serving(core, settings.host, settings.port, settings.hive_port) as service:
        service.worker.start()
        service.scheduler.start()
        service.deliveries.start()
        service.upkeep.start()
        service.pool.start()
        with core.home.announced(service.endpoint, service.metastore_uri):
            answers = {"home": core.home.path, "endpoint": service.endpoint, "metastore_uri": service.metastore_uri}
            out.result(
                answers,
                f"home            {core.home.path}\n"
                f"GraphQL         {service.endpoint}/graphql\n"
                f"AWS Glue API    {service.endpoint}\n"
                f"Hive Metastore  {service.metastore_uri}\n"
                "ready; Ctrl-C ends",
            )
            ending.wait()
        service.upkeep.stop()
        service.deliveries.stop()
        service.scheduler.stop()
        service.worker.stop()
        service.pool.stop()
        going_on = core.engine.unfinished_runs()
    if going_on:
        out.say(f"{len(going_on)} run(s) are not finished; the next service with this home takes them up")


def demo(
    home: Annotated[Path, typer.Option("--home", metavar="DIR", help="Working folder of the demo; made anew.")] = Path(
        "isinglass-demo"
    ),
    output: OutputOption = Format.TEXT,
) -> None:
    """Show the main job on real flight records.

    Crawl a small lake, ask the catalog, query it by Spark, run a job, let the lake grow, crawl and run again.
    """
    from api import logs
    from api.cli.demo import Demo

    logs.configure(logging.WARNING)
    Demo(home.expanduser().absolute(), Output(output)).run()


def spark_conf(
    shim: Annotated[bool, typer.Option("--shim", help="Print the folder that makes `import awsglue` work.")] = False,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Print the settings with which any Spark uses this catalog."""
    from engine.running.scripts import shim_folder
    from engine.spark.spark import catalog_conf

    out = Output(output)
    if shim:
        out.result({"shim": shim_folder()}, str(shim_folder()))
        return
    settings = settings_of(home)
    found = Home.open(settings.folder)
    service = found.find_service()
    uri = service.metastore_uri if service else f"thrift://{settings.host}:{settings.hive_port}"
    conf = catalog_conf(uri, found.warehouse)
    if out.text:
        for name, value in conf.items():
            out.say(f"--conf {name}={value}")
        if service is None:
            out.errors.print("no service runs with this home; start it with: isinglass serve")
    else:
        out.json(conf)
