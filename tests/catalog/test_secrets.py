"""What of a connection's properties is taken for secret, and what is not."""

from __future__ import annotations

import pytest

from catalog.secrets import holds_password, is_secret


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("PASSWORD", True),
        ("password", True),
        ("ENCRYPTED_PASSWORD", True),
        ("KAFKA_CLIENT_KEYSTORE_PASSWORD", True),
        ("SECRET_ID", True),
        ("fs.s3a.access.key", True),
        ("account-key", True),
        ("REFRESH_TOKEN", True),
        ("passphrase", True),
        ("KAFKA_SASL_SCRAM_SECRETS_ARN", False),
        ("TOKEN_URL", False),
        ("USERNAME", False),
        ("JDBC_CONNECTION_URL", False),
        ("JDBC_ENFORCE_SSL", False),
        ("CUSTOM_JDBC_CERT", False),
        ("KAFKA_BOOTSTRAP_SERVERS", False),
        ("HOST", False),
    ],
)
def test_a_property_is_secret_by_its_name(name: str, secret: bool) -> None:
    assert is_secret(name) is secret


@pytest.mark.parametrize(
    "text",
    [
        "jdbc:postgresql://host:5432/shop",
        "jdbc:postgresql://host:5432/shop?sslmode=require&user=ada",
        "jdbc:sqlserver://host:1433;databaseName=shop;user=ada",
        "jdbc:oracle:thin:@//host:1521/shop",
        "jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=h)(PORT=1521)))",
        "jdbc:sqlite:/data/shop.db",
        "mongodb://host:27017/shop",
        "https://host/token?grant=client",
        "s3://lake/certificates/ca.pem",
        "b-1.kafka:9094,b-2.kafka:9094",
        "arn:aws:secretsmanager:eu-west-1:1:secret:x",
        "a note: password=none",
    ],
)
def test_an_honest_value_passes(text: str) -> None:
    assert not holds_password(text)


def test_a_long_value_is_judged_without_being_searched_again_and_again() -> None:
    for text in (
        "jdbc:" + "a" * 200_000,
        "x://" + ":" * 200_000,
        "x://" + "a=" * 100_000,
        "jdbc:" + "//" * 100_000,
    ):
        assert not holds_password(text)
