"""A Java that is not one: it tells a version, opens a gateway that nobody answers, and ends when its input does."""

from __future__ import annotations

from pathlib import Path

_PROGRAM = """#!/bin/sh
case " $* " in *" -version "*)
  echo 'openjdk version "{version}" 2025-07-15' >&2
  exit 0;;
esac
{begin}
[ -z "$_PYSPARK_DRIVER_CONN_INFO_PATH" ] || {{
  printf '\\000\\000\\000\\001\\000\\000\\000\\001x' > "$_PYSPARK_DRIVER_CONN_INFO_PATH.part"
  mv "$_PYSPARK_DRIVER_CONN_INFO_PATH.part" "$_PYSPARK_DRIVER_CONN_INFO_PATH"
}}
while read -r line; do :; done
"""


def make_java(home: Path, version: str = "17.0.15", begin: str = "") -> Path:
    """A JAVA_HOME whose java is a shell script; `begin` is what it does first."""
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(_PROGRAM.format(version=version, begin=begin))
    program.chmod(0o755)
    return home
