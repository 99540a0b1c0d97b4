"""What a crawl must have before it is put in: refused at once, not when a worker comes to it."""

from __future__ import annotations

from catalog.catalog import Catalog
from catalog.db import reading
from crawlers import classifiers
from crawlers.model import Crawler
from crawlers.places import open_place
from crawlers.validity import demand_valid, with_some_target


def demand_crawlable(catalog: Catalog, crawler: Crawler) -> None:
    """Raises InvalidInput; NotFound for its database, or a connection or classifier that it names; what opening a place
    of its raises, PlaceNotFound among them."""
    demand_valid(with_some_target(crawler))
    if not crawler.catalog_targets:
        catalog.get_database(crawler.database)
    for name in sorted(crawler.connections):
        catalog.get_connection(name)
    with reading(catalog.engine) as connection:
        classifiers.get_classifiers(connection, crawler.classifiers)
    for target in crawler.targets:
        open_place(target.place)
