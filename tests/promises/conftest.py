"""A face over an empty catalog, and a table to begin with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from catalog.catalog import Catalog
from catalog.model import Column, Database, SerDe, StorageDescriptor, Table
from tests.promises import glue_driver
from tests.promises.faces import DRIVERS, Face, faces_with


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "over(*verbs): the verbs that a face needs to keep this promise")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "face" in metafunc.fixturenames:
        verbs = {verb for mark in metafunc.definition.iter_markers("over") for verb in mark.args}
        metafunc.parametrize("face", faces_with(verbs, metafunc.function.__name__), indirect=True)


@pytest.fixture(scope="session", autouse=True)
def glue_server() -> Iterator[None]:
    """One for all promises, begun by the first that needs it."""
    yield
    glue_driver.close()


@pytest.fixture
def face(request: pytest.FixtureRequest, catalog: Catalog) -> Iterator[Face]:
    _, opened = DRIVERS[request.param]
    with opened(catalog) as face:
        yield face


@pytest.fixture
def flights(face: Face) -> Table:
    """A partitioned table, as it stands after its creation."""
    storage = StorageDescriptor(
        columns=(Column("carrier", "string"), Column("delay", "int", "in minutes")),
        location="s3://lake/flights/",
        input_format="org.apache.hadoop.mapred.TextInputFormat",
        output_format="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        serde=SerDe("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", {"field.delim": ","}),
    )
    face.create_database(Database("travel"))
    face.create_table(
        Table(
            "travel",
            "flights",
            storage,
            partition_keys=(Column("year", "int"), Column("origin", "string")),
            parameters={"classification": "csv"},
        )
    )
    return face.get_table("travel", "flights")
