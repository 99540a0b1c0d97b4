"""The arguments of a job that AWS Glue itself gives a meaning to, and what each does here; all others are the script's.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from catalog.errors import InvalidInput
from engine.errors import ArgumentRefused

LARGEST = 260 * 1024
_NO = frozenset(("false", "no", "0"))
_VARIABLE = re.compile(r'\s*(?P<name>[^=,]+?)\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<plain>(?!\s*")[^,]*))\s*(?:,|$)')


class Use(Enum):
    HONOURED = "honoured"
    PASSED_OVER = "passed over"
    REFUSED = "refused"


@dataclass(frozen=True)
class Argument:
    """`does` says what it does here, or why nothing; one that is refused may have `fine` values, which ask for nothing.

    `switch`: its value is true or false, and what is neither means true, as a name without a value does.
    """

    use: Use
    does: str
    fine: frozenset[str] = frozenset()
    switch: bool = False


def _honoured(does: str) -> Argument:
    return Argument(Use.HONOURED, does)


def _switch(does: str) -> Argument:
    return Argument(Use.HONOURED, does, switch=True)


def _passed_over(does: str) -> Argument:
    return Argument(Use.PASSED_OVER, does, switch=True)


def _refused(why: str, *fine: str) -> Argument:
    return Argument(Use.REFUSED, why, frozenset(fine))


_LOGS = _passed_over("a run's logs are kept in its folder: isinglass job logs RUN.")
_OF_SCRIPTS = _honoured("AWS keeps it for itself; here the script gets it like any other.")

ARGUMENTS: dict[str, Argument] = {
    "--job-bookmark-option": _honoured("whether what was read before is read again: enable, disable or pause."),
    "--job-bookmark-from": _honoured("with pause: the run after which to read."),
    "--job-bookmark-to": _honoured("with pause: the run up to which to read."),
    "--job-output-commit": _honoured("ours: `staged` publishes what a run wrote only when it succeeds."),
    "--TempDir": _honoured("a folder for the script's temporary files; by default one in the home for each job."),
    "--extra-py-files": _honoured("files (.py, .zip, .whl, .egg) to put on the path of the script and its workers."),
    "--extra-files": _honoured("files to put into the folder that the script runs in."),
    "--extra-jars": _honoured("jars to put on Java's class path."),
    "--user-jars-first": _switch("puts those jars before Spark's own."),
    "--additional-python-modules": _honoured("modules that pip installs for the run, beside the service's own."),
    "--python-modules-installer-option": _honoured("options for that pip."),
    "--conf": _honoured("settings of Spark, as name=value; further ones each after another --conf."),
    "--class": _refused("scripts in Scala are not run here; give one in Python."),
    "--job-language": _refused("scripts in Scala are not run here; give one in Python.", "", "python"),
    "--scriptLocation": _honoured("a script to run instead of the definition's."),
    "--enable-glue-datacatalog": _switch("makes the catalog Spark's own metastore."),
    "--datalake-formats": _honoured(
        "delta, iceberg, hudi: sets Spark up for them; their jars are the user's to bring."
    ),
    "--executor-cores": _honoured("how many tasks an executor runs at once."),
    "--enable-auto-scaling": _switch("lets Spark start and end executors as it needs them, on a master that can."),
    "--auto-scale-within-microbatch": _passed_over("there is no scaling inside a micro-batch."),
    "--enable-s3-parquet-optimized-committer": _switch("`false` keeps writes to S3 from going by the magic committer."),
    "--customer-driver-env-vars": _honoured("variables CUSTOMER_… for the script's environment."),
    "--customer-executor-env-vars": _honoured("variables CUSTOMER_… for the environment of Spark's Python workers."),
    "--encryption-type": _refused("only sse-s3, by which the store encrypts what is written, is known.", "", "sse-s3"),
    "--enable-lakeformation-fine-grained-access": _refused(
        "there are no rights on rows and columns here, and a job that needs them must not run without.", *_NO
    ),
    "--use-postgres-driver": _passed_over("there is no driver of Redshift that PostgreSQL's could be mistaken for."),
    "--disable-proxy-v2": _passed_over("there is no proxy."),
    "--enable-metrics": _passed_over("figures are measured of every run: isinglass job show-run RUN."),
    "--enable-observability-metrics": _passed_over("figures are measured of every run: isinglass job show-run RUN."),
    "--enable-job-insights": _passed_over("why a run failed is told with the run."),
    "--enable-spark-ui": _switch("Spark's own UI while the run lasts; afterwards: isinglass job spark-ui RUN."),
    "--spark-event-logs-path": _honoured("a folder that Spark's event log is copied to at the end; we keep it, too."),
    "--enable-continuous-cloudwatch-log": _LOGS,
    "--enable-continuous-log-filter": _LOGS,
    "--continuous-log-logGroup": _LOGS,
    "--continuous-log-logStreamPrefix": _LOGS,
    "--continuous-log-conversionPattern": _LOGS,
    "--JOB_NAME": _honoured("the service sets it; another value is not taken."),
    "--debug": _OF_SCRIPTS,
    "--mode": _OF_SCRIPTS,
    "--endpoint": _OF_SCRIPTS,
}


def demand_size(job: str, arguments: Mapping[str, str]) -> None:
    """Raises InvalidInput for more than Glue takes."""
    size = sum(len(name.encode()) + len(value.encode()) for name, value in arguments.items())
    if size > LARGEST:
        why = f"they have {size:,} bytes, and the most is {LARGEST:,}; put what is long into a file."
        raise InvalidInput(what=f"the arguments of job {job}", why=why)


def demand_supported(job: str, arguments: Mapping[str, str]) -> None:
    """Raises ArgumentRefused for an argument that asks for what is not done here."""
    in_python = arguments.get("--job-language", "").strip().lower() == "python"
    for name, value in arguments.items():
        known = ARGUMENTS.get(name)
        if known is None or known.use is not Use.REFUSED or value.strip().lower() in known.fine:
            continue
        if name == "--class" and in_python:  # AWS has no use for it then
            continue
        raise ArgumentRefused(argument=f"{name} {value}".strip(), job=job, why=known.does)


def passed_over(arguments: Mapping[str, str]) -> list[str]:
    """A line for each argument that asks for something and gets nothing."""
    return [
        f"{name} has no effect here: {known.does}"
        for name, value in arguments.items()
        if (known := ARGUMENTS.get(name)) and known.use is Use.PASSED_OVER and value.strip().lower() not in _NO
    ]


def is_on(arguments: Mapping[str, str], name: str) -> bool:
    """Whether a switch is given, and not as `false`."""
    return name in arguments and arguments[name].strip().lower() not in _NO


def listed(arguments: Mapping[str, str], name: str) -> list[str]:
    """The values of an argument that are parted by commas."""
    return [value.strip() for value in arguments.get(name, "").split(",") if value.strip()]


def settings_of_spark(job: str, arguments: Mapping[str, str]) -> dict[str, str]:
    """The settings of `--conf`: `k=v`, further ones chained as `k=v --conf k2=v2`. Raises InvalidInput."""
    text = arguments.get("--conf", "").strip()
    asked = {}
    for part in re.split(r"\s+--conf\s+", text) if text else ():
        name, equals, value = part.strip().partition("=")
        if not equals or not name.startswith("spark."):
            raise InvalidInput(what=f"--conf {name!r} of job {job}", why="a setting is spark.name=value.")
        asked[name] = value.strip()
    return asked


def variables(job: str, arguments: Mapping[str, str], name: str) -> dict[str, str]:
    """`CUSTOMER_A=1,CUSTOMER_B="2, 3"` as variables. Raises InvalidInput."""
    text, at, found = arguments.get(name, ""), 0, {}
    while at < len(text):
        part = _VARIABLE.match(text, at)
        if part is None or not part["name"].startswith("CUSTOMER_"):
            why = 'variables are named CUSTOMER_…, written NAME=value or NAME="value", and parted by commas.'
            raise InvalidInput(what=f"{name} of job {job}", why=why)
        found[part["name"]] = part["quoted"] if part["quoted"] is not None else part["plain"].strip()
        at = part.end()
    return found


def executor_cores(job: str, arguments: Mapping[str, str]) -> int | None:
    """Raises InvalidInput for what is no number from 1 on."""
    text = arguments.get("--executor-cores", "").strip()
    if text and not (text.isascii() and text.isdigit() and int(text) > 0):
        raise InvalidInput(what=f"--executor-cores {text!r} of job {job}", why="it is a number from 1 on.")
    return int(text) if text else None
