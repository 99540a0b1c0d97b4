"""What of a connection's properties is secret: by its name, or because it stands inside a URL. Pure."""

from __future__ import annotations

import re
from urllib.parse import unquote

from catalog.errors import InvalidInput
from catalog.model import Parameters

_SECRET = re.compile(r"PASSW(OR)?D|PWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|(PRIVATE|ACCESS|API|ACCOUNT|SAS)_?KEY")
_NO_SECRET = re.compile(r"_(ARN|URL|URI|ALGORITHM|TYPE)$")  # it says where a secret is kept, or how it is made

_URL = re.compile(r"\s*jdbc:|[\w+.:-]*://", re.IGNORECASE)
_ORACLE = re.compile(r"\s*jdbc:oracle:\w+:[^/@\s]*/[^@\s]+@", re.IGNORECASE)
_ASSIGNED = re.compile(r"(?<![\w.-])([\w.-]+)\s*=\s*[^&;,)\s]")


def is_secret(name: str) -> bool:
    """Whether a property of that name is secret whatever it holds, as PASSWORD and SECRET_ID are."""
    folded = re.sub(r"[-. ]", "_", name).upper()
    return _SECRET.search(folded) is not None and _NO_SECRET.search(folded) is None


def holds_password(text: str) -> bool:
    """Whether `text` is a URL with a password in it: behind the user's name, or as a setting."""
    if not _URL.match(text):
        return False
    for each in (text, unquote(text)):
        before_at = each.partition("//")[2].rpartition("@")[0]
        if ":" in before_at or _ORACLE.match(each):
            return True
        if any(is_secret(name) for name in _ASSIGNED.findall(each)):
            return True
    return False


def parted(connection: str, properties: Parameters) -> tuple[Parameters, Parameters]:
    """The properties that may be shown, and the secret ones.

    Raises InvalidInput for a password inside a URL, where no reader of the connection would expect one.
    """
    shown = {name: value for name, value in properties.items() if not is_secret(name)}
    for name, value in shown.items():
        if holds_password(value):
            why = "a password seems to stand in it; give USERNAME and PASSWORD as properties of their own."
            raise InvalidInput(what=f"property {name} of connection {connection}", why=why)
    return shown, {name: value for name, value in properties.items() if is_secret(name)}
