"""Where AWS's own clients in a script find Glue: at this service, as on AWS they find the Glue that runs the script."""

from __future__ import annotations

import os
from collections.abc import Mapping

from crawlers.places.aws import find_access

_SAID_OTHERWISE = ("AWS_ENDPOINT_URL_GLUE", "AWS_ENDPOINT_URL")
_ANY_KEYS = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}
_REGION = "us-east-1"


def own_glue(endpoint: str | None, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Variables for a script's process alone: the address of Glue's API, and what clients ask for before they call it.

    That is a region, and keys where the machine has none: the service at `endpoint` takes any. Nothing without an
    endpoint, or if the environment says where Glue is.
    """
    if endpoint is None or any(environment.get(name) for name in _SAID_OTHERWISE):
        return {}
    found = {"AWS_ENDPOINT_URL_GLUE": endpoint, "AWS_DEFAULT_REGION": _REGION}
    try:
        access = find_access(environment)
    except ValueError:  # about S3, which the run's log tells
        return found
    found["AWS_DEFAULT_REGION"] = access.region
    has_keys = access.signed or "aws_access_key_id" in access.options
    return found if has_keys else found | _ANY_KEYS
