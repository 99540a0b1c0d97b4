"""The first token: where nobody can administer yet, one is laid into a file for the owner of the home."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from api.auth.access import Access
from api.auth.grants import Wanted, grant_of
from api.auth.principals import Role
from catalog.errors import NotFound

FILE = "admin.token"
NAME = "first-admin"


def first_token(access: Access, home: Path) -> Path | None:
    """The file with a new admin's token, which its owner alone can read; None if there is an admin already."""
    if access.has_admin():
        return None
    with suppress(NotFound):
        access.revoke_token(NAME)  # one that is past its time
    _, secret = access.create_token(Wanted(NAME, grant_of(Role.ADMIN)))
    file = home / FILE
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
        written.write(f"{secret}\n")
    return file
