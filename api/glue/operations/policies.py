"""Operations on resource policies: that of the catalog, which is the only one, and in force from when it is put."""

from __future__ import annotations

from api.auth.policies import Exists, Kept
from api.glue.calls import Call, Operation, Shape
from api.glue.failures import EntityNotFound, Invalid


def put_resource_policy(call: Call) -> Shape:
    """EnableHybrid tells of grants that were made by Lake Formation, of which there are none here: it is no matter."""
    if not _is_of_catalog(call):
        raise Invalid("ResourceArn must be that of the catalog: say in a statement's Resource what it is about.")
    asked = call.asked
    exists = Exists(asked.get("PolicyExistsCondition", Exists.NONE))
    return {"PolicyHash": call.policies.put(asked["PolicyInJson"], exists, asked.get("PolicyHashCondition")).hash}


def get_resource_policy(call: Call) -> Shape:
    _demand_of_catalog(call)
    return _shape(call.policies.get())


def get_resource_policies(call: Call) -> Shape:
    page = call.policies.list(call.asked.get("MaxResults", 100), call.asked.get("NextToken"))
    return {"GetResourcePoliciesResponseList": [_shape(each) for each in page.items], "NextToken": page.next_token}


def delete_resource_policy(call: Call) -> Shape:
    _demand_of_catalog(call)
    call.policies.delete(call.asked.get("PolicyHashCondition"))
    return {}


def _demand_of_catalog(call: Call) -> None:
    if not _is_of_catalog(call):
        raise EntityNotFound("Policy not found")


def _is_of_catalog(call: Call) -> bool:
    """In whatever region: the catalog is one for all."""
    parts = str(call.asked.get("ResourceArn", call.arn("catalog"))).split(":")
    return parts[2:3] == ["glue"] and parts[4:] == [call.account, "catalog"]


def _shape(kept: Kept) -> Shape:
    return {
        "PolicyInJson": kept.document,
        "PolicyHash": kept.hash,
        "CreateTime": kept.created_at,
        "UpdateTime": kept.updated_at,
    }


OPERATIONS: dict[str, Operation] = {
    "PutResourcePolicy": put_resource_policy,
    "GetResourcePolicy": get_resource_policy,
    "GetResourcePolicies": get_resource_policies,
    "DeleteResourcePolicy": delete_resource_policy,
}
