"""The Javas that a service keeps warm, each for one job: how many, for how long, and which run gets one.

A waiting Java costs half a gigabyte, so none is kept when memory is short, nor when no job has come for long. Each is
on the leash of this process; see engine.pooled.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import psutil
import structlog

from engine.running.logs import ERROR_LOG
from engine.running.notes import read_note, write_whole
from engine.running.processes import alive, end_session
from engine.running.scripts import Equipment
from engine.running.supervisor import LAUNCH, start_supervisor
from engine.spark.archive import Archive, is_option, warming_command
from engine.spark.kept_java import Kept, Shape
from engine.spark.pooled import PROCESS

LOOK_SECONDS = 1.0
IDLE_SECONDS = 1800.0
REST_SECONDS = 3.0
FAILED_SECONDS = 180.0
ARCHIVE_SECONDS = 60.0
SPARE_BYTES = 1 << 30

log = structlog.get_logger()


class Pool:
    """`size` Javas in folders below `folder`, warmed with what `equip` gives; and the archive that speeds up others.

    `archive` says which archive is wanted, None for none: it is built once nothing else is to be done.
    """

    def __init__(
        self,
        folder: Path,
        equip: Callable[[Path], Equipment],
        size: int,
        archive: Callable[[], Archive] | None = None,
        idle_seconds: float = IDLE_SECONDS,
        warming: Callable[[Path], list[str]] = warming_command,
    ) -> None:
        self.folder = folder
        self.equip = equip
        self.size = size
        self.archive = archive
        self.idle_seconds = idle_seconds
        self.warming = warming
        self.kept: list[Kept] = []
        self.asked: Shape | None = None
        self.wanted: Shape | None = None
        self.asked_at = time.monotonic()
        self.rests_until = 0.0
        self.building: subprocess.Popen[bytes] | None = None
        self.tried: list[Archive] = []
        self.looks_again = 0.0
        self.lock = threading.Lock()
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._keep, name="warm-javas", daemon=True)

    def start(self) -> None:
        """Begin to keep Javas warm, in the background."""
        self._sweep()
        if self.size or self.archive:
            self.thread.start()

    def stop(self) -> None:
        """Let go of all that wait; those that runs have are theirs."""
        self.ending.set()
        if self.thread.is_alive():
            self.thread.join()
        with self.lock:
            for each in self.kept:
                each.discard()
            self.kept.clear()
        self._end_building()

    def supervise(self, folder: Path, launch: Mapping[str, Any]) -> subprocess.Popen[bytes]:
        """Start the run in that folder: in a Java that waits for one like it, else in a new one."""
        if launch["java"] and launch["warm"]:
            waiting = self._take(Shape.of(launch["warm"], launch["java"], launch["env"], folder))
            if waiting is not None and waiting.give(folder):
                log.info("run has a warmed Java", run=folder.name)
                return waiting.supervisor
        return start_supervisor(folder, launch)

    def waiting(self) -> int:
        """How many Javas are ready for a run."""
        with self.lock:
            return sum(each.ready for each in self.kept)

    def _take(self, shape: Shape) -> Kept | None:
        """One that fits, which is then nobody else's. What is asked for twice in a row is warmed from then on."""
        with self.lock:
            if shape == self.asked:
                self.wanted = shape
            self.asked, self.asked_at = shape, time.monotonic()
            self.rests_until = self.asked_at + REST_SECONDS  # the run itself comes first
            for each in self.kept:
                if each.shape == shape and each.look() and each.ready:
                    self.kept.remove(each)
                    return each
        return None

    def _keep(self) -> None:
        pause = LOOK_SECONDS
        while not self.ending.wait(pause):
            pause = LOOK_SECONDS
            try:
                if self._look():
                    self._warm()
                elif all(each.ready for each in self.kept):
                    self._look_at_archive()
            except Exception:  # without them jobs take longer to begin, and that is all
                log.exception("no Java could be warmed")
                pause = FAILED_SECONDS

    def _look(self) -> bool:
        """Let go of those that are not wanted any more; whether one is to be warmed."""
        now = time.monotonic()
        idle = now - self.asked_at > self.idle_seconds
        with self.lock:
            short = bool(self.kept) and psutil.virtual_memory().available < SPARE_BYTES
            if short:
                self.rests_until = now + FAILED_SECONDS
            for each in list(self.kept):
                if each.look() and not (idle or short) and self.wanted in (None, each.shape):
                    continue
                if each.supervisor.poll() is not None:
                    log.warning("a Java that was kept warm has ended", log=_end_of(each.folder / ERROR_LOG))
                    self.rests_until = now + FAILED_SECONDS
                self.kept.remove(each)
                each.discard()
            busy = not all(each.ready for each in self.kept)
            return len(self.kept) < self.size and not (idle or busy) and now >= self.rests_until

    def _warm(self) -> None:
        folder = self.folder / uuid4().hex[:12]
        (folder / "work").mkdir(parents=True)
        try:
            self._warm_in(folder)
        except Exception:
            shutil.rmtree(folder, ignore_errors=True)  # it is tried again and again
            raise

    def _warm_in(self, folder: Path) -> None:
        equipment = self.equip(folder)
        plain = Shape.of(equipment.warm or "", equipment.java or (), equipment.environment, folder)
        shape = self.wanted if self.wanted is not None and self.wanted != plain else plain
        if psutil.virtual_memory().available < shape.heap_bytes + SPARE_BYTES:
            shutil.rmtree(folder)
            self.rests_until = time.monotonic() + FAILED_SECONDS
            return
        write_whole(folder / LAUNCH, {**shape.launch(folder), "warming": self.warming(folder / "work")})
        with (folder / ERROR_LOG).open("ab") as errors:
            supervisor = _on_leash([sys.executable, "-P", "-m", "engine.spark.pooled", str(folder)], errors)
        with self.lock:
            self.kept.append(Kept(folder, shape, supervisor))

    def _look_at_archive(self) -> None:
        """Have the archive built that is wanted and not there. One that could not be built is not tried again."""
        now = time.monotonic()
        if self.building is not None and self.building.poll() is not None:
            self._end_building()
            log.info("the archive of Java's classes is built" if self.tried[-1].exists else "no archive could be built")
        elif self.building is None and self.archive is not None and now >= self.looks_again:
            self.looks_again = now + ARCHIVE_SECONDS
            archive = self.archive()
            if not archive.exists and archive not in self.tried:
                log.info("an archive of Java's classes is being built", folder=str(archive.folder))
                self.tried.append(archive)
                self.building = self._build(archive)

    def _build(self, archive: Archive) -> subprocess.Popen[bytes]:
        equipment = self.equip(archive.prepare())
        java = [word for word in equipment.java or () if not is_option(word)]
        command = archive.request(java, equipment.environment, self.warming)
        with (archive.folder / "build.log").open("ab") as told:
            return _on_leash(command, told)

    def _end_building(self) -> None:
        if self.building is not None:
            for pipe in (self.building.stdin, self.building.stdout):
                if pipe is not None:
                    pipe.close()
            end_session(self.building.pid)
            self.building.wait()
            self.building = None

    def _sweep(self) -> None:
        """Take away the folders of Javas whose service died; those that runs have go with these runs."""
        for folder in self.folder.iterdir() if self.folder.is_dir() else ():
            known = read_note(folder / PROCESS)
            if known is None or not alive(known["process"]):
                shutil.rmtree(folder, ignore_errors=True)


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-1_000:] if log.exists() else ""


def _on_leash(command: list[str], errors: IO[bytes]) -> subprocess.Popen[bytes]:
    """A process in a session of its own that ends with this one."""
    return subprocess.Popen(
        command, start_new_session=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
    )
