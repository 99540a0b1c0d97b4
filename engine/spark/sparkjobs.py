"""What a job run with Spark has around its script: the command of Spark's Java, its settings, the environment."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from engine.jobs.arguments import is_on
from engine.jobs.job_files import NO_FILES, JobFiles
from engine.model import Job, JobSpec
from engine.running.scripts import RUN_NOTE, Equipment, ScriptRun, pack_modules, shim_folder
from engine.spark.archive import Archive, archive_for
from engine.spark.event_log import EVENTS
from engine.spark.java import Java, find_java
from engine.spark.run_conf import run_conf
from engine.spark.spark import SparkSettings, class_path, environment, flags, java_command
from engine.spark.warm_conf import fits_warm_java

DRIVER = "isinglass_driver.py"


class SparkJobs:
    """`java_home` is the Java to use; None looks for one."""

    def __init__(self, settings: SparkSettings, java_home: Path | None) -> None:
        self.settings = settings
        self.java_home = java_home

    def equip(self, run: ScriptRun) -> Equipment:
        """Raises what find_java and run_conf raise."""
        java = find_java(self.java_home)
        (run.folder / "work" / "spark").mkdir(parents=True, exist_ok=True)
        (run.folder / EVENTS).mkdir(exist_ok=True)
        settings = self.settings.placed(run.spec.environment).sized(run.grant)
        found = run_conf(run.spec, run.run_id, run.folder, settings, run.files if settings.local else _sent(run))
        path = class_path(self.settings, run.files, first=is_on(run.spec.arguments, "--user-jars-first"))
        variables = environment(run.folder / RUN_NOTE, settings, run.modules, found.keys)
        conf = found.conf if settings.local else _layer_conf(run) | found.conf
        command = java_command(java, conf, run.folder, path, self._archived(java, path, run.folder))
        warm = settings.local and not run.files.jars and fits_warm_java(found.conf)
        return Equipment(DRIVER, variables, command, found.remarks, self._archive(java).folder.name if warm else None)

    def equip_warming(self, folder: Path) -> Equipment:
        """What a Java has that waits for a job: the same as that of a job that asks for nothing but the catalog."""
        spec = JobSpec(Job("isinglass warming", "none.py"), {"--enable-glue-datacatalog": "true"})
        return self.equip(ScriptRun(spec, "warming", folder, NO_FILES, ()))

    def archive(self) -> Archive:
        """The archive that the Javas of most jobs can use. Raises NoJava, UnsuitableJava."""
        return self._archive(find_java(self.java_home))

    def _archive(self, java: Java) -> Archive:
        return archive_for(self.settings.home / "cache", java, class_path(self.settings, NO_FILES, False), flags(java))

    def _archived(self, java: Java, path: Sequence[str], folder: Path) -> list[str]:
        common = class_path(self.settings, NO_FILES, first=False)
        return self._archive(java).using(folder) if list(path[: len(common)]) == common else []


def _sent(run: ScriptRun) -> JobFiles:
    """The files of the run as executors elsewhere get them, `awsglue` with them: folders are not sent, but archives."""
    beside = run.folder / "work" / ".job"
    beside.mkdir(exist_ok=True)
    shim = pack_modules(shim_folder(), beside / "isinglass_shim.zip")
    brought = [_as_archive(path, beside) for path in run.files.python_path]
    return replace(run.files, python_path=(shim, *brought))


def _as_archive(path: Path, beside: Path) -> Path:
    """Spark puts archives on the path of its Python workers by their suffix, and does not know that of wheels."""
    if path.is_dir():
        return pack_modules(path, beside / "isinglass_modules.zip")
    return Path(shutil.copyfile(path, beside / f"{path.stem}.zip")) if path.suffix.lower() == ".whl" else path


def _layer_conf(run: ScriptRun) -> dict[str, str]:
    """What pip has installed for the run is not sent: executors elsewhere find it where they share this home."""
    layers = [str(path) for path in run.modules if path not in run.files.python_path]
    return {"spark.executorEnv.PYTHONPATH": os.pathsep.join(layers)} if layers else {}
