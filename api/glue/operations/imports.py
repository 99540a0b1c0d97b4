"""The import of Athena's older catalog into Glue: there is none here, so nothing is left to import."""

from __future__ import annotations

from api.glue.calls import Call, Operation, Shape


def get_catalog_import_status(_call: Call) -> Shape:
    return {"ImportStatus": {"ImportCompleted": True}}


OPERATIONS: dict[str, Operation] = {"GetCatalogImportStatus": get_catalog_import_status}
