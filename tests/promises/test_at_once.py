"""Writers through three faces at once, each of which expects what it read: none of their updates is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from itertools import cycle

from api.hive.bindings import hive
from api.hive.client import Client
from catalog.catalog import Catalog
from catalog.errors import VersionConflict
from catalog.model import Database, Table
from tests.promises import glue_driver, graphql_driver, hive_driver

WRITERS, UPDATES = 16, 6  # of each; 63 make a thousand, which takes a minute
COUNTER = "counter"


def test_of_updates_through_glue_graphql_and_thrift_at_once_none_is_lost(catalog: Catalog) -> None:
    catalog.create_database(Database("shop"))
    catalog.create_table(Table("shop", "orders", parameters={COUNTER: "0"}))
    together = threading.Barrier(WRITERS)
    with ExitStack() as opened:
        glue = opened.enter_context(glue_driver.opened(catalog))
        graphql = opened.enter_context(graphql_driver.opened(catalog))
        metastore = opened.enter_context(hive_driver.hive_thrift(catalog))
        faces: list[Callable[[], Update]] = [
            lambda: _expecting_a_version(glue),
            lambda: _expecting_a_version(graphql),
            lambda: _expecting_a_parameter(opened.enter_context(Client(metastore.port, timeout=60))),
        ]

        def write(update: Update) -> None:
            together.wait()
            done = 0
            while done < UPDATES:
                done += update()

        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(write, [face() for face, _ in zip(cycle(faces), range(WRITERS), strict=False)]))
    found = catalog.get_table("shop", "orders")
    assert found.parameters[COUNTER] == str(WRITERS * UPDATES)


Update = Callable[[], bool]  # tries to count one on; whether it did, or another was quicker


def _expecting_a_version(face: glue_driver.GlueJson | graphql_driver.GraphQL) -> Update:
    def update() -> bool:
        table = face.get_table("shop", "orders")
        try:
            face.update_table(_counted_on(table), table.version)
        except VersionConflict:
            return False
        return True

    return update


def _counted_on(table: Table) -> Table:
    return replace(table, parameters={**table.parameters, COUNTER: str(int(table.parameters[COUNTER]) + 1)})


def _expecting_a_parameter(client: Client) -> Update:
    def update() -> bool:
        struct = client.call("get_table", "shop", "orders")
        read = struct.parameters[COUNTER]
        struct.parameters[COUNTER] = str(int(read) + 1)
        expected = {"expected_parameter_key": COUNTER, "expected_parameter_value": read}
        context = hive.EnvironmentContext(properties=expected)
        try:
            client.call("alter_table_with_environment_context", "shop", "orders", struct, context)
        except hive.MetaException as lost:
            if "The table has been modified." not in lost.message:
                raise
            return False
        return True

    return update
