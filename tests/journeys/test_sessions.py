"""Interactive sessions through boto3: a real service and a real Spark, and what is left when one of them is killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from engine.model import Run
from tests.journeys.installation import Installation, Service, until

SLEEP = "import time\nopen({note!r}, 'w').close()\ntime.sleep(600)"
SPARK_SLEEP = """
import time
def wait(part):
    open({note!r}, "w").close()
    time.sleep(600)
sc.parallelize(range(2), 2).map(wait).collect()
"""


class Notebook:
    """A client of a session, as a notebook is one."""

    def __init__(self, installation: Installation, service: Service, session_id: str) -> None:
        self.installation = installation
        self.id = session_id
        self.glue = client(service)
        asked = self.glue.create_session(
            Id=session_id,
            Role="arn:aws:iam::000000000000:role/notebooks",
            Command={"Name": "glueetl", "PythonVersion": "3"},
            GlueVersion="5.0",
        )
        assert asked["Session"]["Status"] == "PROVISIONING"
        self.await_status("READY")

    @property
    def run(self) -> Run:
        return self.installation.engine.get_session(self.id).run

    def told(self) -> Any:
        return self.glue.get_session(Id=self.id)["Session"]

    def await_status(self, status: str) -> Any:
        def has_come() -> Any:
            told = self.told()
            assert told["Status"] in (status, "PROVISIONING", "READY", "STOPPING"), told
            return told if told["Status"] == status else None

        return until(has_come, f"the session is {status}")

    def put_in(self, code: str) -> int:
        return int(self.glue.run_statement(SessionId=self.id, Code=code)["Id"])

    def statement(self, number: int) -> Any:
        return self.glue.get_statement(SessionId=self.id, Id=number)["Statement"]

    def await_end(self, number: int) -> Any:
        def has_ended() -> Any:
            told = self.statement(number)
            return told if told["State"] in ("AVAILABLE", "CANCELLED", "ERROR") else None

        return until(has_ended, f"statement {number} ends")

    def carry_out(self, code: str) -> Any:
        return self.await_end(self.put_in(code))["Output"]

    def text(self, code: str) -> str:
        output = self.carry_out(code)
        assert output["Status"] == "ok", output
        return str(output["Data"]["TextPlain"])

    def begin_long(self, code: str, name: str) -> int:
        """The number of a statement that works until it is interrupted, and has begun to."""
        note = self.installation.folder / name
        number = self.put_in(code.format(note=str(note)))
        until(note.exists, "the statement works")
        return number


def client(service: Service) -> Any:
    return boto3.client(
        "glue",
        endpoint_url=service.endpoint,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(retries={"total_max_attempts": 1}),
    )


def create_table(glue: Any, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "part.csv").write_text("AA,10\nUA,30\n")
    glue.create_database(DatabaseInput={"Name": "travel"})
    storage = {
        "Columns": [{"Name": "carrier", "Type": "string"}, {"Name": "delay", "Type": "int"}],
        "Location": f"file://{folder}/",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            "Parameters": {"field.delim": ","},
        },
    }
    table = {"Name": "flights", "StorageDescriptor": storage, "Parameters": {"classification": "csv"}}
    glue.create_table(DatabaseName="travel", TableInput=table)


def test_a_session_keeps_what_was_made_reads_the_catalog_and_outlives_errors_and_cancellations(
    installation: Installation,
) -> None:
    service = installation.serve()
    create_table(client(service), installation.lake / "flights")
    notebook = Notebook(installation, service, "notebook")
    assert notebook.text("x = 20\ndef twice(n):\n    return 2 * n") == ""
    assert notebook.text("twice(x) + 2") == "42\n"
    assert notebook.text("sc.parallelize([1, 2, 3]).map(twice).sum()") == "12\n", "Spark's workers have the function"
    assert "|carrier|delay|" in notebook.text("spark.sql('select * from travel.flights order by delay').show()")
    frame = "glueContext.create_dynamic_frame.from_catalog('travel', 'flights').count()"
    assert notebook.text(f"from awsglue.context import GlueContext\n{frame}") == "2\n"
    assert notebook.text("import sys; sys.argv[sys.argv.index('--SESSION_ID') + 1]") == "'notebook'\n"
    settings = "import os; [name for name in os.environ if name.startswith('ISINGLASS_')]"
    assert notebook.text(settings) == "['ISINGLASS_RUN_FILE']\n", "the service's own, with their secrets, are not there"

    failed = notebook.carry_out("print('before')\nspark.sql('select * from travel.nothing').show()")
    assert (failed["Status"], failed["ErrorName"]) == ("error", "AnalysisException")
    assert failed["Data"]["TextPlain"] == "before\n"
    assert "TABLE_OR_VIEW_NOT_FOUND" in failed["ErrorValue"]
    assert failed["Traceback"][1].startswith('  File "<statement 7>", line 2, in <module>')

    for code, name in ((SLEEP, "asleep"), (SPARK_SLEEP, "computing")):
        number = notebook.begin_long(code, name)
        later = notebook.put_in("'never'")
        for each in (later, number):
            notebook.glue.cancel_statement(SessionId="notebook", Id=each)
        told = notebook.await_end(number)
        assert (told["State"], told["Output"]["ErrorName"]) == ("CANCELLED", "KeyboardInterrupt")
        assert notebook.await_end(later)["State"] == "CANCELLED"
        assert notebook.text("x") == "20\n"

    run = notebook.run
    assert any("SparkSubmit" in command for command in installation.processes_of(run).values())
    notebook.glue.stop_session(Id="notebook")
    assert "CompletedOn" in notebook.await_status("STOPPED")
    assert installation.processes_of(run) == {}
    with pytest.raises(notebook.glue.exceptions.IllegalSessionStateException, match="in STOPPED status"):
        notebook.put_in("x")
    notebook.glue.delete_session(Id="notebook")
    assert notebook.glue.list_sessions()["Ids"] == []


def test_a_session_outlives_a_service_that_is_killed_if_another_comes_and_fails_when_its_process_dies(
    installation: Installation,
) -> None:
    first = installation.serve()
    notebook = Notebook(installation, first, "notebook")
    notebook.text("x = 1")
    go = installation.folder / "go"
    number = notebook.put_in(
        f"import pathlib, time\nwhile not pathlib.Path({str(go)!r}).exists():\n    time.sleep(0.02)\nx + 1"
    )
    until(lambda: notebook.statement(number)["State"] == "RUNNING", "the statement runs")
    first.kill()
    go.touch()
    second = installation.serve()  # on another port
    notebook.glue = client(second)
    assert notebook.await_end(number)["Output"]["Data"]["TextPlain"] == "2\n"
    assert notebook.told()["Status"] == "READY"

    run = notebook.run
    number = notebook.begin_long(SLEEP, "asleep")
    later = notebook.put_in("x")
    [pid] = [pid for pid, command in installation.processes_of(run).items() if "isinglass_session.py" in command]
    os.kill(pid, signal.SIGKILL)
    assert notebook.await_status("FAILED")["ErrorMessage"] == "its process was ended by signal 9; see the error log"
    lost = notebook.statement(number)
    assert (lost["State"], lost["Output"]["ErrorName"]) == ("ERROR", "SessionEnded")
    assert notebook.statement(later)["State"] == "CANCELLED"
    assert installation.processes_of(run) == {}
