"""Transforms of fields, under the path by which scripts import them one by one."""

from awsglue.transforms.drop_fields import DropFields
from awsglue.transforms.rename_field import RenameField
from awsglue.transforms.select_fields import SelectFields
from awsglue.transforms.split_fields import SplitFields

__all__ = ["DropFields", "RenameField", "SelectFields", "SplitFields"]
