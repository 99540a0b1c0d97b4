"""What serves each method: the handlers of all nouns, and those that answer by them."""

from __future__ import annotations

from api.hive import (
    constraints,
    databases,
    functions,
    locks,
    partition_names,
    partition_requests,
    partition_specs,
    partitions,
    refusals,
    requests,
    roles,
    service,
    statistics,
    table_filters,
    tables,
)
from api.hive.session import Handler

_PLAIN: dict[str, Handler] = {
    **service.HANDLERS,
    **databases.HANDLERS,
    **tables.HANDLERS,
    **table_filters.HANDLERS,
    **partitions.HANDLERS,
    **partition_names.HANDLERS,
    **partition_requests.HANDLERS,
    **partition_specs.HANDLERS,
    **functions.HANDLERS,
    **statistics.HANDLERS,
    **constraints.HANDLERS,
    **roles.HANDLERS,
    **locks.HANDLERS,
}

HANDLERS: dict[str, Handler] = {**_PLAIN, **requests.handlers(_PLAIN), **refusals.HANDLERS}
