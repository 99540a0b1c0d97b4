"""Numbers of table versions as texts: Glue's VersionId."""

from __future__ import annotations

import re

from api.glue.failures import Invalid


def version_number(text: str) -> int:
    """Raises Invalid for a text that is no number of a version."""
    if not re.fullmatch("[0-9]{1,9}", text):
        raise Invalid(f"VersionId {text[:40]!r} is no version; versions are numbers from 0.")
    return int(text)
