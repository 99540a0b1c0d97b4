"""Whose catalog this is, unless a setting or a signature says otherwise."""

OWN_ACCOUNT = "123456789012"  # the one of AWS's examples
DEFAULT_REGION = "us-east-1"
