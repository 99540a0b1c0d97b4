"""What the model has and this service does not: refused by name, never taken and forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.glue.failures import OperationNotSupported

_REASONS = {
    "TransactionId": "transactions of Lake Formation are not kept here",
    "TargetDatabase": "links to other accounts' databases are not followed here",
    "TargetTable": "links to other accounts' tables are not followed here",
    "FederatedDatabase": "databases of other stores are not federated here",
    "FederatedTable": "tables of other stores are not federated here",
    "ViewDefinition": "views of several dialects are not kept here; use ViewOriginalText and ViewExpandedText",
    "OpenTableFormatInput": "Iceberg metadata is written by Iceberg's own writers, not by the catalog",
    "UpdateOpenTableFormatInput": "Iceberg metadata is written by Iceberg's own writers, not by the catalog",
    "ViewUpdateAction": "views of several dialects are not kept here",
    "AdditionalLocations": "a table lies in one place here",
    "SchemaReference": "columns are told in the table, not in a schema registry",
}


def refuse_members(given: Mapping[str, Any]) -> None:
    """Raises OperationNotSupported for a member, or one of the storage descriptor's, that would be forgotten."""
    for shape in (given, given.get("StorageDescriptor") or {}):
        if _REASONS.keys().isdisjoint(shape):
            continue
        for name, reason in _REASONS.items():
            if shape.get(name):
                raise OperationNotSupported(f"{name} is not supported: {reason}.")


# Of operations by a word in their names: the first that fits says why.
_AREAS = {
    "Unfiltered": "Lake Formation's filters belong to AWS",
    "DataQuality": "data quality rules are not evaluated here",
    "ColumnStatisticsTask": "statistics are taken as they are given, and not gathered",
    "TableOptimizer": "tables are compacted by their own writers",
    "Integration": "zero-ETL integrations are AWS's own services",
    "ML": "ML transforms are trained by AWS",
    "Blueprint": "blueprints are not run here; use workflows",
    "DevEndpoint": "development endpoints have gone from AWS as well",
    "IdentityCenter": "identities are this service's own",
    "MaterializedView": "materialized views are not refreshed here",
    "Glossar": "there is no business glossary here",
    "Asset": "there is no business glossary here",
    "CustomEntityType": "sensitive data are not looked for here",
    "UsageProfile": "there are no usage profiles here",
    "SessionEndpoint": "sessions take statements, and have no Spark Connect",
    "SystemLogsForSession": "a session's logs lie in the folder of its run: isinglass session show",
    "Dashboard": "runs and sessions have no page of AWS's; Spark's own UI is: isinglass job spark-ui",
    "ConnectionType": "stores behind SaaS connectors are not read here",
    "Entit": "stores behind SaaS connectors are not read here",
    "Catalog": "there is one catalog here",
}


def refuse_operation(name: str) -> OperationNotSupported:
    why = next((reason for word, reason in _AREAS.items() if word in name), "it is not built")
    return OperationNotSupported(f"The operation {name} is not supported: {why}.")
