"""`isinglass catalog import` and `export`, `backup` and `restore`: moving a catalog, or a whole home, in and out."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from api.cli.import_report import Report
from api.cli.options import HomeOption, OutputOption, settings_of
from api.cli.output import Format, Output
from api.core import open_core
from api.moving.records import Record, wanted

catalogs = typer.Typer(help="The catalog as a whole: import and export.", no_args_is_help=True)

DatabaseOption = Annotated[
    list[str] | None,
    typer.Option("--database", metavar="PATTERN", help="Only databases so named; * is any text. May be repeated."),
]


@catalogs.command("import")
def import_catalog(
    from_hive: Annotated[str | None, typer.Option(metavar="URI", help="A metastore: thrift://host:port.")] = None,
    from_glue: Annotated[bool, typer.Option("--from-glue", help="AWS Glue, or what answers its API.")] = False,
    from_file: Annotated[Path | None, typer.Option(metavar="FILE", help="An export of `catalog export`.")] = None,
    endpoint_url: Annotated[str | None, typer.Option(metavar="URL", help="Where Glue answers.")] = None,
    region: Annotated[str | None, typer.Option(help="Glue's region.")] = None,
    database: DatabaseOption = None,
    statistics: Annotated[
        bool, typer.Option("--statistics/--no-statistics", help="Whether to ask for column statistics.")
    ] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")] = False,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Copy databases, tables, partitions, functions and statistics into the catalog.

    What is equal stays as it is, and what only this catalog has stays too, so it may be run again.
    """
    from api.moving.importing import Importing

    if [from_hive is not None, from_glue, from_file is not None].count(True) != 1:
        raise typer.BadParameter("give one of --from-hive, --from-glue and --from-file")
    if not from_glue and (endpoint_url or region):
        raise typer.BadParameter("--endpoint-url and --region go with --from-glue")
    core, out, report = open_core(settings_of(home), "import"), Output(output), Report(dry_run)
    with (
        _source(from_hive, from_file, endpoint_url, region, database, statistics) as records,
        out.progress() as progress,
    ):
        task = progress.add_task("reading", total=None)
        for outcome in Importing(core.catalog, dry_run).take(records):
            report.add(outcome)
            progress.update(task, advance=outcome.count, description=outcome.name)
    report.show(out)
    if report.failures:
        raise typer.Exit(1)


@contextmanager
def _source(
    hive: str | None,
    file: Path | None,
    endpoint_url: str | None,
    region: str | None,
    databases: Iterable[str] | None,
    statistics: bool,
) -> Iterator[Iterator[Record]]:
    """The records of the one source that was named. Each brings its own libraries, so only that is imported."""
    fits = wanted(databases or ())
    if hive is not None:
        from api.moving.hive_source import metastore, read_metastore

        with metastore(hive) as client:
            yield read_metastore(client, fits, statistics)
    elif file is not None:
        from api.moving.lines import read

        yield read(file, fits)
    else:
        from api.moving.glue_source import glue_client, read_glue

        with glue_client(endpoint_url, region) as client:
            yield read_glue(client, fits, statistics)


@catalogs.command("export")
def export_catalog(
    database: DatabaseOption = None,
    output: Annotated[str, typer.Option(metavar="FILE", help="Where to write; - is standard output.")] = "-",
    home: HomeOption = None,
) -> None:
    """Write the catalog as it stands, as JSON lines that `catalog import --from-file` reads."""
    from api.moving.catalog_source import read_catalog
    from api.moving.lines import written

    core = open_core(settings_of(home), "cli")
    lines = written(read_catalog(core.catalog, wanted(database or ())))
    if output == "-":
        sys.stdout.flush()
        sys.stdout.buffer.writelines(lines)
        sys.stdout.buffer.flush()
        return
    from api.moving.files import written_whole

    with written_whole(Path(output), overwrite=True) as file:
        file.writelines(lines)
    Output(Format.TEXT).say(f"catalog exported to {output}")


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The archive to write, such as monday.tar.gz.")],
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Put in the key of sealed secrets: whoever reads FILE can open them.")
    ] = False,
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Write the home to one archive, while its service goes on: the database of one moment, runs and data."""
    from api.moving.backup import back_up

    settings = settings_of(home)
    if with_key and settings.secret_key is not None:
        raise typer.BadParameter(
            "the key in use is that of ISINGLASS_SECRET_KEY, which no backup holds; keep it, and leave --with-key out",
            param_hint="--with-key",
        )
    core = open_core(settings, "cli")
    made = back_up(core.home, core.catalog.engine, file.expanduser().absolute(), with_key)
    left = f"; links and the like left out: {made.left_out:,}" if made.left_out else ""
    Output(output).result(made, f"backup {made.file} written (files: {made.files:,}, bytes: {made.size:,}{left})")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An archive that `isinglass backup` wrote.")],
    home: HomeOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Make a home out of a backup. It must be new or empty; a killed restore leaves it so."""
    from api.moving.restore import restore_home

    settings, out = settings_of(home), Output(output)
    url = settings.database_url.get_secret_value() if settings.database_url else None
    done = restore_home(settings.folder, url, file.expanduser().absolute())
    out.result(done, f"home {done.home} restored from {file}, as it stood at {done.made_at}")
    for note in done.notes if out.text else ():
        out.errors.print(note)
