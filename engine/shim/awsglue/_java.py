"""Java's side of a context as scripts ask it: Spark's, and beside it where Glue is and in which region."""

from __future__ import annotations

import os
from typing import Any

from awsglue._service import find_service

_REGION = "us-east-1"


class AWSConnectionUtils:
    """Where a script's own clients of Glue are to go."""

    @staticmethod
    def getRegion() -> str:
        """The region that the environment names."""
        return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or _REGION

    @staticmethod
    def getGlueEndpoint() -> str:
        """The address that the environment names for Glue, else the service's; Amazon's where there is no service."""
        named = os.environ.get("AWS_ENDPOINT_URL_GLUE") or os.environ.get("AWS_ENDPOINT_URL")
        if named:
            return named
        service = find_service()
        endpoint = f"https://glue.{AWSConnectionUtils.getRegion()}.amazonaws.com"
        return endpoint if service is None else str(service.run()["endpoint"])

    @staticmethod
    def getGlueProxyUrl() -> str:
        """What scripts know for none: they look for null after the scheme."""
        return "https://null:null"


class Java:
    """Spark's JVM with what Glue's own classes in it tell."""

    AWSConnectionUtils = AWSConnectionUtils

    def __init__(self, jvm: Any) -> None:
        self._jvm = jvm

    def __getattr__(self, name: str) -> Any:
        return getattr(self._jvm, name)
