"""Methods about constraints: none are kept, so a table has none, and one that comes with some is refused."""

from __future__ import annotations

from functools import partial
from typing import Any

from api.hive.bindings import CONSTRAINTS, hive
from api.hive.failures import unsupported
from api.hive.session import Handler, Session

# The field of each kind, in requests and responses alike: primaryKeys, foreignKeys, …
_FIELDS = {kind: f"{kind[0].lower()}{kind[1:]}s" for kind in CONSTRAINTS}
_METHODS = {
    "get_primary_keys": "PrimaryKey",
    "get_foreign_keys": "ForeignKey",
    "get_unique_constraints": "UniqueConstraint",
    "get_not_null_constraints": "NotNullConstraint",
    "get_default_constraints": "DefaultConstraint",
    "get_check_constraints": "CheckConstraint",
}


def refuse_constraints(given: Any) -> None:
    """Raises MetaException if `given`, which describes a table to create, has constraints."""
    for kind, field in _FIELDS.items():
        if getattr(given, field):
            raise unsupported(f"A table with constraints ({kind})", "none are kept; create the table without.")


def _none(kind: str, _session: Session, _call: Any) -> Any:
    return getattr(hive, f"{kind}sResponse")(**{_FIELDS[kind]: []})


def _get_all_table_constraints(_session: Session, _call: Any) -> Any:
    none = hive.SQLAllTableConstraints(**{field: [] for field in _FIELDS.values()})
    return hive.AllTableConstraintsResponse(allTableConstraints=none)


HANDLERS: dict[str, Handler] = {
    **{name: partial(_none, kind) for name, kind in _METHODS.items()},
    "get_all_table_constraints": _get_all_table_constraints,
}
