"""Operations on security configurations, which jobs name, and on how the catalog itself is encrypted."""

from __future__ import annotations

from api.glue.calls import Call, Operation, Shape
from api.glue.failures import OperationNotSupported
from api.glue.shapes.security import configuration_shape, configuration_value

# What is so here: the database is as its owner keeps it, and no answer tells a connection's password.
_AS_IT_IS: dict[str, Shape] = {
    "EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"},
    "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": True},
}


def create_security_configuration(call: Call) -> Shape:
    asked = call.asked
    made = call.engine.create_security_configuration(
        configuration_value(asked["Name"], asked["EncryptionConfiguration"])
    )
    return {"Name": made.name, "CreatedTimestamp": made.created_at}


def get_security_configuration(call: Call) -> Shape:
    found = call.engine.get_security_configuration(call.asked["Name"])
    return {"SecurityConfiguration": configuration_shape(found)}


def get_security_configurations(call: Call) -> Shape:
    page = call.engine.list_security_configurations(call.asked.get("MaxResults", 100), call.asked.get("NextToken"))
    return {"SecurityConfigurations": [configuration_shape(each) for each in page.items], "NextToken": page.next_token}


def delete_security_configuration(call: Call) -> Shape:
    call.engine.delete_security_configuration(call.asked["Name"])
    return {}


def get_data_catalog_encryption_settings(_call: Call) -> Shape:
    return {"DataCatalogEncryptionSettings": _AS_IT_IS}


def put_data_catalog_encryption_settings(call: Call) -> Shape:
    """Succeeds for what is so already."""
    for name, settings in call.asked["DataCatalogEncryptionSettings"].items():
        for member, value in settings.items():
            if value != _AS_IT_IS[name].get(member):
                raise OperationNotSupported(
                    f"{member} {value} is not supported: passwords of connections are sealed by the service's own key "
                    "and never told, and the rest of the catalog is as its database is kept."
                )
    return {}


OPERATIONS: dict[str, Operation] = {
    "CreateSecurityConfiguration": create_security_configuration,
    "GetSecurityConfiguration": get_security_configuration,
    "GetSecurityConfigurations": get_security_configurations,
    "DeleteSecurityConfiguration": delete_security_configuration,
    "GetDataCatalogEncryptionSettings": get_data_catalog_encryption_settings,
    "PutDataCatalogEncryptionSettings": put_data_catalog_encryption_settings,
}
