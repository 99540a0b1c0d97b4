"""Keys that a profile of AWS does not hold but says how to get: by a process, a role or a login. botocore gets them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

_WAYS = ("role_arn", "sso_session", "sso_start_url", "login_session", "credential_process", "web_identity_token_file")


def is_chained(profile: Mapping[str, str]) -> bool:
    return any(profile.get(way) for way in _WAYS)


def get_keys(name: str, profile: Mapping[str, str], config: Path, credentials: Path) -> dict[str, str]:
    """Keys as they are good now; those that expire are got anew in time. Raises ValueError, and tells no secret."""
    way = next(way for way in _WAYS if profile.get(way))
    if profile.get("mfa_serial"):
        raise ValueError(f"profile {name} asks for a code (mfa_serial), which nobody is there to give")
    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError as error:
        what = f"profile {name} gets its keys by {way}, for which botocore is needed"
        raise ValueError(f"{what}: pip install 'isinglass[glue]'") from error
    try:
        found = _chain(name, _stamped(config), _stamped(credentials))
        frozen = found.get_frozen_credentials() if found else None
    except (BotoCoreError, ClientError, OSError, ValueError, KeyError) as error:
        hint = "; log in again with: aws sso login" if way.startswith("sso") else ""
        raise ValueError(f"profile {name} gets its keys by {way}, which failed ({_told(error)}){hint}") from error
    if frozen is None:
        raise ValueError(f"profile {name} gets its keys by {way}, which gave none")
    return {
        "aws_access_key_id": frozen.access_key,
        "aws_secret_access_key": frozen.secret_key,
        "aws_session_token": frozen.token or "",
    }


@lru_cache(maxsize=8)
def _chain(name: str, config: tuple[str, int], credentials: tuple[str, int]) -> Any:
    """botocore's credentials of a profile, kept while its files stay as they are: they renew themselves."""
    from botocore.session import Session

    session = Session(profile=name)
    session.set_config_variable("config_file", config[0])
    session.set_config_variable("credentials_file", credentials[0])
    return session.get_credentials()


def _stamped(path: Path) -> tuple[str, int]:
    return str(path), path.stat().st_mtime_ns if path.exists() else 0


def _told(error: Exception) -> str:
    """What kind of failure it was: what a process or server says may hold a secret."""
    code = getattr(error, "response", {}).get("Error", {}).get("Code")
    return str(code or type(error).__name__)
