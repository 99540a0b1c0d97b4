"""Layers of Python modules, by the real pip, without any index: a wheel that the test makes, and what pip refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from engine.jobs.layers import LayerRequest, layer_command, modules_of, parted


def make_wheel(folder: Path, name: str, version: str = "1.0", body: str = "", needs: str = "") -> Path:
    """A wheel with one module; `needs` is another package that it depends on."""
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + (
        f"Requires-Dist: {needs}\n" * bool(needs)
    )
    with ZipFile(wheel, "w") as archive:
        archive.writestr(f"{name}.py", body or f"version = {version!r}\n")
        archive.writestr(f"{info}/METADATA", metadata)
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return wheel


def request_of(folder: Path, *modules: str, options: tuple[str, ...] = ("--no-index",)) -> LayerRequest:
    return LayerRequest(str(folder / "home" / "layers"), modules, options, str(folder / "failure.json"))


def make(folder: Path, request: LayerRequest) -> subprocess.CompletedProcess[str]:
    words = layer_command(request, folder / "request.json")
    home = folder / "nobody"
    # pip asks for the version of Rust, whose answer may make a folder.
    environment = {**os.environ, "HOME": str(home), "RUSTUP_HOME": str(folder / "rust"), "PYTHONPATH": "/nonexistent"}
    done = subprocess.run(words, capture_output=True, text=True, env=environment, cwd=folder)
    assert not home.exists(), "nothing is written outside the folder of layers"
    return done


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_layer_has_the_modules_asked_for_and_takes_the_services_own_as_installed(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "isinglass_test_rates", needs="pyspark>=4")
    request = request_of(tmp_path, str(wheel))
    done = make(tmp_path, request)
    assert done.returncode == 0, done.stderr
    assert "isinglass_test_rates.py" in files(modules_of(request.layer))
    assert "pyspark" not in files(modules_of(request.layer))
    assert "Successfully installed isinglass_test_rates" in done.stderr.replace("-test-", "_test_").replace(
        "isinglass-", "isinglass_"
    )


def test_a_layer_may_hold_another_version_than_the_service_which_keeps_its_own(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "msgspec", "99.0")
    request = request_of(tmp_path, str(wheel), options=("--no-index", "--no-deps"))
    assert make(tmp_path, request).returncode == 0
    ask = [sys.executable, "-c", "import msgspec; print(getattr(msgspec, 'version', 'the service has its own'))"]
    layered = {**os.environ, "PYTHONPATH": str(modules_of(request.layer))}
    assert subprocess.run(ask, capture_output=True, text=True, env=layered, check=True).stdout.strip() == "99.0"
    assert subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip() == "the service has its own"


def test_the_same_set_of_modules_is_installed_once_and_changed_content_again(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "isinglass_test_rates")
    first = request_of(tmp_path, str(wheel))
    assert "Successfully installed" in make(tmp_path, first).stderr
    assert make(tmp_path, first).stderr == ""
    layer = first.layer
    make_wheel(tmp_path, "isinglass_test_rates", body="changed = True\n")
    second = request_of(tmp_path, str(wheel))
    assert second.layer != layer
    assert "Successfully installed" in make(tmp_path, second).stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--index-url=http://someone:hunter2@127.0.0.1:9/", "--retries", "0"), "No matching distribution found"),
        (("--no-such-option",), "no such option: --no-such-option"),
    ],
)
def test_what_cannot_be_installed_is_told_in_pips_last_words_without_a_password(
    tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    request = request_of(tmp_path, "no-such-module==1.0", options=options)
    done = make(tmp_path, request)
    assert done.returncode == 1
    cause = json.loads((tmp_path / "failure.json").read_text())["cause"]
    assert cause.startswith("--additional-python-modules could not be installed: ")
    assert told in cause
    assert "hunter2" not in cause + done.stderr
    assert files(Path(request.folder)) <= {"cache"}, "half a layer is none"


def test_a_password_of_an_index_is_not_left_in_the_layer(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "isinglass_test_rates")
    hidden = ("--extra-index-url", "http://someone:hunter2@127.0.0.1:9/", "--proxy=http://u:hunter2@127.0.0.1:9")
    request = request_of(tmp_path, str(wheel), options=("--no-index", "--no-deps", *hidden))
    assert make(tmp_path, request).returncode == 0
    kept = [path for path in Path(request.folder).rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()]
    assert kept == []


def test_a_proxy_goes_to_pip_by_its_environment_and_not_on_the_command_line() -> None:
    options = ["--proxy", "http://u:hunter2@h", "--retries", "0", "-i", "http://u:hunter2@i"]
    assert parted(options) == (["-i http://u:hunter2@i"], ["--retries", "0"], {"PIP_PROXY": "http://u:hunter2@h"})


def test_a_request_is_nobody_elses_to_read_and_not_on_the_command_line(tmp_path: Path) -> None:
    request = request_of(tmp_path, "a", options=("--index-url", "http://someone:hunter2@127.0.0.1:9/"))
    words = layer_command(request, tmp_path / "request.json")
    assert "hunter2" not in " ".join(words)
    assert (tmp_path / "request.json").stat().st_mode & 0o777 == 0o600
