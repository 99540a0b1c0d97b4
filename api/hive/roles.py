"""Methods about roles and privileges: what a metastore answers in which nobody was ever given any."""

from __future__ import annotations

from typing import Any

from api.hive.bindings import hive
from api.hive.requests import request_of
from api.hive.session import Handler, Session

_USER = 1
_EVERYBODY = "public"
_ROLES = ["admin", _EVERYBODY]


def _get_role_names(_session: Session, _call: Any) -> list[str]:
    return _ROLES


def _list_roles(_session: Session, call: Any) -> list[Any]:
    mine = [hive.Role(roleName=_EVERYBODY, createTime=0, ownerName=_EVERYBODY)]
    return mine if call.principal_type == _USER else []


def _get_role_grants_for_principal(_session: Session, call: Any) -> Any:
    request = request_of(call)
    given = [
        hive.RolePrincipalGrant(
            roleName=_EVERYBODY,
            principalName=request.principal_name,
            principalType=_USER,
            grantOption=False,
            grantTime=0,
        )
    ]
    return hive.GetRoleGrantsForPrincipalResponse(principalGrants=given if request.principal_type == _USER else [])


def _get_principals_in_role(_session: Session, _call: Any) -> Any:
    return hive.GetPrincipalsInRoleResponse(principalGrants=[])


def _list_privileges(_session: Session, _call: Any) -> list[Any]:
    return []


def _get_privilege_set(_session: Session, _call: Any) -> Any:
    return hive.PrincipalPrivilegeSet()


HANDLERS: dict[str, Handler] = {
    "get_role_names": _get_role_names,
    "list_roles": _list_roles,
    "get_role_grants_for_principal": _get_role_grants_for_principal,
    "get_principals_in_role": _get_principals_in_role,
    "list_privileges": _list_privileges,
    "get_privilege_set": _get_privilege_set,
}
