"""The home folder: its lock, the note of the service that uses it, and the settings that name it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.home import Home, HomeLocked, HomeUnusable
from api.settings import Settings
from engine.running.processes import identity


def test_a_home_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "new" / "home")
    assert home.runs.is_dir()
    assert home.warehouse.is_dir()
    assert home.path.stat().st_mode & 0o077 == 0
    assert home.runs.stat().st_mode & 0o077 == 0
    assert home.find_service() is None
    assert Home.open(home.path) == home


@pytest.mark.parametrize("where", ["file", "file/home"])
def test_a_file_in_the_way_is_named(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HomeUnusable, match=f"{where} cannot be used: "):
        Home.open(tmp_path / where)


# A process that has the home, as a service has it, until its input ends.
HOLD = "import sys, pathlib; from api.home import Home; home = Home(pathlib.Path(sys.argv[1]))\n"
HOLD += "with home.locked(), home.announced('http://127.0.0.1:1', 'thrift://127.0.0.1:2'):\n"
HOLD += "    print('held', flush=True); sys.stdin.read()"


def test_one_service_at_a_time_has_a_home_and_a_dead_one_has_none(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(HomeLocked, match=f"process {holder.pid}, http://127.0.0.1:1"), home.locked():
            pytest.fail("two have it")
        found = home.find_service()
        assert found is not None
        assert (found.endpoint, found.metastore_uri) == ("http://127.0.0.1:1", "thrift://127.0.0.1:2")
        holder.kill()
    assert (tmp_path / "service.json").exists(), "a process that is killed cannot tidy up"
    assert home.find_service() is None
    with home.locked():
        assert home.find_service() is None


def test_a_note_is_taken_away_with_its_service(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    with home.locked(), home.announced("http://127.0.0.1:1", "thrift://127.0.0.1:2"):
        assert home.find_service() is not None
        assert json.loads((tmp_path / "service.json").read_text())["process"] == identity(os.getpid())
    assert not (tmp_path / "service.json").exists()


def test_a_process_that_only_has_the_number_of_a_dead_service_is_not_taken_for_it(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    note = {"endpoint": "http://127.0.0.1:1", "metastore_uri": "thrift://127.0.0.1:2", "process": f"{os.getpid()}:1:x"}
    (tmp_path / "service.json").write_text(json.dumps(note))
    assert home.find_service() is None


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in [name for name in os.environ if name.upper().startswith("ISINGLASS_")]:
        monkeypatch.delenv(name)
    return monkeypatch


def test_settings_have_defaults_for_a_machine_of_one_s_own(bare: pytest.MonkeyPatch) -> None:
    settings = Settings()
    assert settings.folder == Path.home() / ".isinglass"
    assert (settings.host, settings.port, settings.hive_port) == ("127.0.0.1", 8765, 9083)
    assert (settings.database_url, settings.java_home) == (None, None)
    assert (settings.spark_master, settings.driver_memory) == ("local[*]", "2g")


def test_settings_come_from_the_environment_and_the_command_line_wins(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bare.setenv("ISINGLASS_HOME", str(tmp_path))
    bare.setenv("ISINGLASS_PORT", "0")
    bare.setenv("ISINGLASS_DATABASE_URL", "postgresql://ada:geheim@127.0.0.1/web")
    settings = Settings(port=7)
    assert (settings.folder, settings.port) == (tmp_path, 7)
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value().endswith("@127.0.0.1/web")
    assert "geheim" not in repr(settings)


@pytest.mark.parametrize("name", ["HOME", "PORT", "DATABASE_URL", "JAVA_HOME"])
def test_a_setting_that_is_empty_is_not_set(bare: pytest.MonkeyPatch, name: str) -> None:
    bare.setenv(f"ISINGLASS_{name}", "")
    assert Settings() == Settings(home=Path("~/.isinglass"))


def test_every_setting_says_what_it_means() -> None:
    assert all(field.description for field in Settings.model_fields.values())
