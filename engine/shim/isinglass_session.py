"""An interactive session's process: makes Spark ready, then asks the service for statements and carries them out.

Usage: python -P isinglass_session.py NONE, in the environment that the service prepares; see isinglass_driver. Its
statements find `spark`, `sc` and `glueContext`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from isinglass_driver import GATEWAY_PATIENCE_SECONDS, connected, end_streams, stop_spark
from isinglass_interpreter import Interpreter
from isinglass_script import PROGRESS, STOPPED, RunStopped, begin, cause, take_stops, tell, tell_failure
from isinglass_watching import Watching

SHORTEST_PAUSE, LONGEST_PAUSE = 0.05, 0.5
LOOK_SECONDS = 0.5
AGAIN_SECONDS = 5.0
LOST = {
    "text": "",
    "failure": {"name": "OutputLost", "value": "what it came to was not taken; see the error log", "traceback": []},
}


def main() -> None:
    folder = begin()
    tell(folder / PROGRESS, phase="starting")
    import pyspark.sql  # noqa: F401  # while Java starts

    if not connected(Path(os.environ["_PYSPARK_DRIVER_CONN_INFO_PATH"])):
        words = f"Spark's Java did not start, or not within {GATEWAY_PATIENCE_SECONDS:.0f} s; see the run's error log"
        tell_failure(folder, words)
        sys.exit(words)
    begun_at = time.time()
    watching = Watching(folder / PROGRESS, begun_at)
    take_stops(end_streams)
    try:
        from awsglue.glue_shell import start

        keep_aside()
        names = start()
        tell(folder / PROGRESS, phase="running", begun_at=begun_at)
        watching.start()
        Session(names).go_on()
    except RunStopped:
        sys.exit(STOPPED)
    except Exception as error:
        tell_failure(folder, cause(error, ""))
        raise
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it has ended already
        stop_spark(watching)


def keep_aside() -> None:
    """Let what pyspark says of each error go to the log: the statement's own failure tells it."""
    from pyspark.logger import PySparkLogger

    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        PySparkLogger.getLogger(name)  # writes from now on where errors go now


class Session:
    """Carries out what the service has, in the main thread; another looks whether it is to be interrupted."""

    def __init__(self, names: dict[str, Any]) -> None:
        from awsglue._service import get_service

        self.service = get_service("a session")
        self.context = names["sc"]
        self.interpreter = Interpreter(names)
        self.last: int | None = None
        self.running: int | None = None
        self.interrupted: int | None = None

    def go_on(self) -> None:
        """Until the process is stopped."""
        threading.Thread(target=self._watch, daemon=True).start()
        pause = SHORTEST_PAUSE
        while True:
            following = self.service.next_statement()
            if following is None:
                time.sleep(pause)
                pause = min(pause * 1.3, LONGEST_PAUSE)
                continue
            pause = SHORTEST_PAUSE
            with suppress(KeyboardInterrupt):  # between two lines of ours: the service knows that it is cancelled
                self._carry_out(*following)

    def _carry_out(self, number: int, code: str) -> None:
        """Once, whatever becomes of the answer: one that comes again is only told to be lost."""
        found = self._run(number, code) if number != self.last else LOST
        try:
            self.service.statement_ended(number, found)
        except Exception as error:  # such as of a session that was deleted meanwhile
            print(f"isinglass: what statement {number} came to is not taken: {error}", file=sys.stderr)
            time.sleep(LONGEST_PAUSE)

    def _run(self, number: int, code: str) -> dict[str, Any]:
        signal.signal(signal.SIGINT, self._interrupt)  # Spark, or the last statement, may have set another
        self.last = self.running = number
        try:
            found = self.interpreter.run(number, code)
        finally:
            self.running = None
        interrupted = self.interrupted == number and found["failure"] is not None
        if interrupted:
            self.context.cancelAllJobs()  # what it has begun
            found["failure"]["name"] = KeyboardInterrupt.__name__  # py4j may make another error of it
        return {**found, "interrupted": interrupted}

    def _interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        if self.running is not None and self.running == self.interrupted:
            raise KeyboardInterrupt

    def _watch(self) -> None:
        """Interrupt the statement that is to be cancelled; one that catches that, again some time later."""
        asked_at = 0.0
        while True:
            time.sleep(LOOK_SECONDS)
            number = self.running
            if number is None or (self.interrupted == number and time.monotonic() - asked_at < AGAIN_SECONDS):
                continue
            try:
                if self.service.cancelling() == number == self.running:
                    asked_at, self.interrupted = time.monotonic(), number
                    os.kill(os.getpid(), signal.SIGINT)
            except Exception as error:  # the next look may do better
                print(f"isinglass: statement {number} is not interrupted yet: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
