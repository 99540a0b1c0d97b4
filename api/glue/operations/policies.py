"""Operations on resource policies. There are none here, which is told; to put one is refused by name (refusals.py)."""

from __future__ import annotations

from typing import NoReturn

from api.glue.calls import Call, Operation, Shape
from api.glue.failures import EntityNotFound


def find_no_policy(_call: Call) -> NoReturn:
    raise EntityNotFound("Policy not found: who may do what here is decided by the roles of access keys.")


def get_resource_policies(_call: Call) -> Shape:
    return {"GetResourcePoliciesResponseList": []}


OPERATIONS: dict[str, Operation] = {
    "GetResourcePolicy": find_no_policy,
    "DeleteResourcePolicy": find_no_policy,
    "GetResourcePolicies": get_resource_policies,
}
