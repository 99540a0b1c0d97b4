"""What a Python-shell run has around its script: an environment, and no Java."""

from __future__ import annotations

from crawlers.places.aws import find_access
from engine.jobs.arguments import passed_over
from engine.running.scripts import RUN_NOTE, Equipment, ScriptRun, script_environment
from engine.spark.s3_conf import s3_environment

DRIVER = "isinglass_script.py"


_SPARKS = (
    *("--conf", "--extra-jars", "--user-jars-first", "--datalake-formats", "--executor-cores"),
    *("--enable-auto-scaling", "--enable-glue-datacatalog", "--customer-executor-env-vars"),
)


def equip_shell(run: ScriptRun) -> Equipment:
    remarks = passed_over(run.spec.arguments)
    remarks += [f"{name} has no effect here: there is no Spark." for name in _SPARKS if name in run.spec.arguments]
    try:
        keys = s3_environment(find_access())
    except ValueError as error:
        keys = {}
        remarks.append(f"S3 is not set up: {error}.")
    return Equipment(DRIVER, script_environment(run.folder / RUN_NOTE, run.modules, keys), remarks=tuple(remarks))
