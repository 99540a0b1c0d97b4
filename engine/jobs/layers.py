"""Python modules that a job asks for: a layer of site-packages over the service's own, made once for each set of them.

Usage: python -E -P -m engine.jobs.layers REQUEST. REQUEST is a file with the JSON of a LayerRequest. A layer is a
virtual environment of which only the modules are used: pip sees what the service has and takes it as installed, so that
a layer holds no second Spark, and removes nothing of it. All that is written lies below the folder of layers.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from engine.running.notes import write_whole

_USER_INFO = re.compile(r"(?<=://)[^/@\s]+@")
_WITH_PLACE = ("-i", "--index-url", "--extra-index-url", "-f", "--find-links")
_PROXY = "--proxy"
_TOLD = 3
FAILURE = "failure.json"


@dataclass(frozen=True)
class LayerRequest:
    """`modules` as pip names them, or paths of files; `options` are pip's. `failure` is where to say why not."""

    folder: str
    modules: tuple[str, ...]
    options: tuple[str, ...]
    failure: str

    @property
    def layer(self) -> Path:
        """A folder named after all that decides what is in it."""
        parts = [sys.version, sys.prefix, *self.options, *map(_content, self.modules)]
        return Path(self.folder) / hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def layer_command(request: LayerRequest, path: Path) -> list[str]:
    """What makes the layer, if it is not there, with the request in a file: options may hold a password."""
    write_whole(path, asdict(request))
    return [sys.executable, "-E", "-P", "-m", "engine.jobs.layers", str(path)]


def modules_of(layer: Path) -> Path:
    """The folder of the layer's modules."""
    return layer / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


def _content(module: str) -> str:
    path = Path(module)
    return f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" if path.is_file() else module


def make_layer(request: LayerRequest) -> str | None:
    """Make the layer, all of it or nothing; None, or why that failed."""
    if request.layer.is_dir():
        os.utime(request.layer)  # by which is told what no run asks for any more
        return None
    if importlib.util.find_spec("pip") is None:
        return "pip is not installed beside Isinglass; install it: python -m ensurepip"
    part = Path(request.folder) / f".{request.layer.name}.{os.getpid()}"
    try:
        venv.EnvBuilder(symlinks=True, with_pip=False).create(part)
        (modules_of(part) / "isinglass.pth").write_text("".join(f"{path}\n" for path in _own_modules()))
        code, lines = _install(request, part)
        if code != 0:
            return "; ".join(_last(lines)) or f"pip ended with code {code}"
        with suppress(OSError):  # another run has made the same meanwhile
            part.rename(request.layer)
        return None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _own_modules() -> list[str]:
    return [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]


def _install(request: LayerRequest, part: Path) -> tuple[int, list[str]]:
    """Run pip, showing what it says; its code and its lines. What may hold a password goes by a file."""
    named, options, proxy = parted(request.options)
    wanted = part / "requirements.txt"
    words = [sys.executable, "-m", "pip", "--python", str(part / "bin" / "python"), "--no-input"]
    words += ["--disable-pip-version-check", "--cache-dir", str(Path(request.folder) / "cache"), "install"]
    words += ["--progress-bar", "off", *options, "--requirement", str(wanted)]
    wanted.touch(0o600)
    wanted.write_text("\n".join([*named, *request.modules]) + "\n")
    lines = []
    environment = {**os.environ, "TMPDIR": str(part), "PYTHONPATH": ""} | proxy
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=environment
    ) as pip:
        assert pip.stdout is not None  # noqa: S101 — it is a pipe
        for line in pip.stdout:
            lines.append(_USER_INFO.sub("…@", line.rstrip()))
            print(lines[-1], file=sys.stderr)  # noqa: T201 — the run's log
    wanted.unlink()  # the layer stays, and passwords in it would
    return pip.returncode, lines


def parted(options: Sequence[str]) -> tuple[list[str], list[str], dict[str, str]]:
    """Options that name where to look, as lines of a requirements file; the others as words; a proxy as a variable."""
    lines, words, variables, rest = [], [], {}, iter(options)
    for word in rest:
        name, equals, value = word.partition("=")
        if name not in (*_WITH_PLACE, _PROXY):
            words.append(word)
            continue
        value = value if equals else next(rest, "")
        if name == _PROXY:
            variables["PIP_PROXY"] = value
        else:
            lines.append(f"{name} {value}")
    return lines, words, variables


def _last(lines: Sequence[str]) -> list[str]:
    """Where pip says what was wrong: its lines of errors, else its last lines."""
    said = [line.strip() for line in lines if line.strip()]
    return ([line for line in said if line.startswith("ERROR:")] or said)[-_TOLD:]


def main(path: str) -> None:
    request = LayerRequest(**json.loads(Path(path).read_text()))
    request = LayerRequest(request.folder, tuple(request.modules), tuple(request.options), request.failure)
    Path(request.folder).mkdir(parents=True, exist_ok=True)
    why = make_layer(request)
    if why is not None:
        write_whole(Path(request.failure), {"cause": f"--additional-python-modules could not be installed: {why}"})
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1])
