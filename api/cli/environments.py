"""`isinglass environment`: named places where jobs run: this machine, a cluster of Spark's own, YARN or Kubernetes."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.options import HomeOption, OutputOption, core_of, pairs
from api.cli.output import Format, Output
from catalog.paging import all_pages
from engine.model import EMBEDDED, Environment

environments = typer.Typer(help="Places where jobs run: this machine, or a cluster.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="ENVIRONMENT", help="Its name; jobs name it with --environment.")]
Conf = Annotated[
    list[str] | None,
    typer.Option(metavar="spark.NAME=VALUE", help="A setting of Spark for all runs there; may be repeated."),
]


@environments.command("create")
def create_environment(
    name: Name,
    master: Annotated[
        str, typer.Option(help="Where executors are: spark://host:port, yarn, k8s://https://host:port or local[n].")
    ],
    conf: Conf = None,
    driver_host: Annotated[
        str, typer.Option(help="Name or address by which executors reach this machine.")
    ] = Environment.driver_host,
    python: Annotated[
        str | None, typer.Option(metavar="FILE", help="The Python on the executors' machines.  [default: as here]")
    ] = None,
    description: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    replace_it: Annotated[bool, typer.Option("--replace", help="Put it in the place of one of that name.")] = False,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Create an environment, or replace one; runs that were put in keep the one they have."""
    engine = core_of(home).engine
    settings = pairs(conf or [], "a setting of the form spark.NAME=VALUE")
    new = Environment(name, master, settings, driver_host, python, description)
    made = engine.update_environment(new) if replace_it else engine.create_environment(new)
    words = "replaced" if replace_it else "created"
    Output(output).result(made, f"environment {name} {words}; a job runs there with --environment {name}")


@environments.command("list")
def list_environments(home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """List environments; `embedded` is that of jobs which name none."""
    core = core_of(home)
    here = Environment(
        EMBEDDED, core.settings.spark_master, description="this machine, unless a setting says otherwise"
    )
    found = [here, *all_pages(core.engine.list_environments)]
    cells = [(each.name, each.master, each.driver_host, each.description or "") for each in found]
    Output(output).rows(found, ["environment", "master", "driver host", ""], cells)


@environments.command("show")
def show_environment(name: Name, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Show an environment."""
    found, out = core_of(home).engine.get_environment(name), Output(output)
    if not out.text:
        out.json(found)
        return
    parts = [(part, getattr(found, part)) for part in ("name", "description", "master", "driver_host", "python")]
    out.grid(["", ""], [*parts, *sorted(found.conf.items())])


@environments.command("delete")
def delete_environment(name: Name, home: HomeOption = None, output: OutputOption = Format.TEXT) -> None:
    """Delete an environment; jobs that name it are refused from then on."""
    core_of(home).engine.delete_environment(name)
    Output(output).result({"deleted": name}, f"environment {name} deleted")
