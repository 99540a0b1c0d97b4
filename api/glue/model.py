"""AWS's models of services, as the installed botocore carries them: which operations there are, and their shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from api.glue.bodies import Bodies, whole
from api.glue.failures import Serialization
from api.glue.telling import Outputs
from api.glue.validation import Inputs

Shape = dict[str, Any]


@dataclass(frozen=True)
class Form:
    """How an operation is asked and answered: `read` checks a request, `told` makes an answer the model's."""

    read: Callable[[bytes], Shape]
    told: Callable[[Shape], Any]


class Model:
    """A service of JSON protocol; operations are compiled when they are first asked for."""

    def __init__(self, described: Mapping[str, Any]) -> None:
        self.operations: Mapping[str, Any] = described["operations"]
        self.shapes: Mapping[str, Any] = described["shapes"]
        self.inputs, self.outputs = Inputs(self.shapes), Outputs(self.shapes)
        self.bodies = Bodies(self.shapes, self.inputs.is_of_texts)
        self.forms: dict[str, Form] = {}

    def form_of(self, name: str) -> Form:
        """Raises KeyError for an operation that the model does not have."""
        found = self.forms.get(name)
        if found is None:
            operation = self.operations[name]
            asked, answered = operation["input"]["shape"], operation["output"]["shape"]
            found = self.forms[name] = Form(
                lambda body: self._read(asked, body),
                lambda answer: self.outputs.told(answered, answer),
            )
        return found

    def _read(self, name: str, body: bytes) -> Shape:
        try:
            return self.inputs.validate(name, self.bodies.read(name, body))
        except Serialization:  # of a part, maybe: the whole tells where
            return self.inputs.validate(name, whole(body))


@cache
def glue_model() -> Model:
    """Loaded with botocore when first asked for: that takes a fifth of a second, of which a start is spared."""
    from botocore.loaders import Loader

    described = Loader().load_service_model("glue", "service-2")
    described["shapes"]["ConnectionType"]["enum"].append("SNOWFLAKE")  # of AWS's guides, not of its model
    return Model(described)


@cache
def logs_model() -> Model:
    """That of CloudWatch Logs."""
    from botocore.loaders import Loader

    return Model(Loader().load_service_model("logs", "service-2"))
