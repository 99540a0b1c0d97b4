"""Finding one field of a frame by its path."""

from __future__ import annotations

from collections.abc import Sequence

from awsglue._paths import Path
from awsglue._tree import Part, members_of


def find_field(fields: Sequence[Part], path: Path) -> Part | None:
    """The field at a path that leads through structs (or the members of choices) by exact names; None if none does."""
    found = next((field for field in fields if field.name == path[0]), None)
    return found if found is None or len(path) == 1 else find_field(members_of(found), path[1:])
