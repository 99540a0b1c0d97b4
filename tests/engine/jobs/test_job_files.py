"""What a job names, in its run's folder: its script as it was saved, jars, modules and files, from disk and S3."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import ArgumentFileUnusable, ScriptNotFound
from engine.jobs.job_files import JobFiles, bring, lay_out_script
from engine.model import Job
from tests.object_store import Bucket

PROGRAM = "print('grün')\nprint(2)\n"


@pytest.mark.parametrize(
    "content",
    [
        PROGRAM.encode(),
        PROGRAM.replace("\n", "\r\n").encode(),
        PROGRAM.encode("utf-8-sig"),
        PROGRAM.replace("\n", "\r\n").encode("utf-16"),
    ],
    ids=["plain", "Windows", "with a mark", "UTF-16"],
)
def test_a_script_runs_however_an_editor_saved_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "etl.py").write_bytes(content)
    script = lay_out_script(Job("etl", str(tmp_path / "etl.py")), {}, tmp_path / "script")
    assert script == tmp_path / "script" / "etl.py"
    done = subprocess.run([sys.executable, "-X", "utf8", str(script)], capture_output=True, check=True)
    assert done.stdout.decode().split() == ["grün", "2"]


def test_a_job_may_hold_its_script_itself(tmp_path: Path) -> None:
    script = lay_out_script(Job("etl", "etl.py", script_text=PROGRAM), {}, tmp_path / "script")
    assert (script.name, script.read_text()) == ("etl.py", PROGRAM)


def test_a_script_may_lie_in_s3_and_a_run_may_name_another(tmp_path: Path, bucket: Bucket) -> None:
    bucket.put({"scripts/etl.py": PROGRAM, "scripts/other.py": "pass"})
    job = Job("etl", bucket.uri("scripts/etl.py"))
    assert lay_out_script(job, {}, tmp_path / "script").read_text() == PROGRAM
    other = lay_out_script(job, {"--scriptLocation": bucket.uri("scripts/other.py")}, tmp_path / "script")
    assert (other.name, other.read_text()) == ("other.py", "pass")


def test_a_script_that_is_not_there_is_named(tmp_path: Path, bucket: Bucket) -> None:
    bucket.put({"scripts/etl.py": PROGRAM})
    for key in ("scripts/ghost.py", "scripts"):
        place = bucket.uri(key)
        with pytest.raises(ScriptNotFound, match=f"Script {place} cannot be read: (nothing lies there|it is a folder)"):
            lay_out_script(Job("etl", place), {}, tmp_path / "script")
    with pytest.raises(ScriptNotFound, match=r"ghost\.py cannot be read: No such file or directory\. Give"):
        lay_out_script(Job("etl", str(tmp_path / "ghost.py")), {}, tmp_path / "script")
    with pytest.raises(ScriptNotFound, match="gopher"):
        lay_out_script(Job("etl", "gopher://somewhere/etl.py"), {}, tmp_path / "script")


def test_what_arguments_name_comes_from_disk_and_s3(tmp_path: Path, bucket: Bucket) -> None:
    bucket.put({"lib/b.jar": "b", "lib/rates.csv": "1", "lib/tools.py": "x = 1", "lib/more.whl": "w", "lib/m.whl": "m"})
    (tmp_path / "a.jar").write_text("a")
    (tmp_path / "first.zip").write_text("z")
    work = tmp_path / "run" / "work"
    work.mkdir(parents=True)
    found = bring(
        "etl",
        {
            "--extra-jars": f"{tmp_path / 'a.jar'},{bucket.uri('lib/b.jar')}",
            "--extra-files": bucket.uri("lib/rates.csv"),
            "--extra-py-files": f"{tmp_path / 'first.zip'},{bucket.uri('lib/tools.py')},{bucket.uri('lib/more.whl')}",
            "--additional-python-modules": f"pandas==2.0, {bucket.uri('lib/m.whl')}",
        },
        work,
    )
    own = work / ".job"
    assert found.jars == (tmp_path / "a.jar", own / "jars" / "b.jar")
    assert (work / "rates.csv").read_text() == "1"
    python = own / "python"
    assert found.python_path == (python / "first.zip", python, python / "more.whl")
    assert (python / "tools.py").read_text() == "x = 1"
    assert found.modules == ("pandas==2.0", str(own / "modules" / "m.whl"))
    assert (own / "modules" / "m.whl").read_text() == "m"


STUDIO = "s3://aws-glue-studio-transforms-510798373988-prod-us-east-1/"


def test_modules_of_glue_studio_are_here_already(tmp_path: Path) -> None:
    named = ",".join(STUDIO + name for name in ("gs_common.py", "gs_explode.py", "gs_regex_extract.py"))
    assert bring("etl", {"--extra-py-files": named}, tmp_path) == JobFiles((), (), ())
    with pytest.raises(ArgumentFileUnusable, match=r"gs_guess\.py, which cannot be used: .* does not have this trans"):
        bring("etl", {"--extra-py-files": f"{STUDIO}gs_guess.py"}, tmp_path)


@pytest.mark.parametrize(
    ("argument", "place", "why"),
    [
        ("--extra-py-files", "{folder}", "no folders"),
        ("--extra-py-files", "{folder}/tools.tar", "no folders"),
        ("--extra-jars", "{folder}/ghost.jar", "there is no such file"),
        ("--extra-files", "{folder}/ghost.csv", "No such file or directory"),
        ("--extra-files", "{folder}/here.csv,{folder}/sub/here.csv", "there is another file of its name"),
        ("--extra-files", "{bucket}ghost.csv", "nothing lies there"),
        ("--additional-python-modules", "{bucket}ghost.whl", "nothing lies there"),
        ("--extra-jars", "{bucket}lib/", "it is a folder"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_argument(
    tmp_path: Path, bucket: Bucket, argument: str, place: str, why: str
) -> None:
    bucket.put({"lib/a.jar": "a"})
    work = tmp_path / "work"
    (tmp_path / "sub").mkdir()
    (tmp_path / "here.csv").write_text("1")
    (tmp_path / "sub" / "here.csv").write_text("2")
    work.mkdir()
    with pytest.raises(ArgumentFileUnusable, match=f"{argument} of job etl names .* cannot be used: .*{why}"):
        bring("etl", {argument: place.format(folder=tmp_path, bucket=bucket.uri())}, work)
