"""What every command and every face needs: the settings, the home, and the two front doors."""

from __future__ import annotations

from dataclasses import dataclass

from api.home import Home
from api.settings import Settings
from catalog.catalog import Catalog
from catalog.db import connect
from catalog.model import Origin
from engine.engine import Engine


@dataclass(frozen=True)
class Core:
    settings: Settings
    home: Home
    catalog: Catalog
    engine: Engine


def open_core(settings: Settings, face: str) -> Core:
    """The core over the home's database; `face` is recorded with what it changes.

    Raises HomeUnusable, StoreUnavailable.
    """
    home = Home.open(settings.folder)
    url = settings.database_url.get_secret_value() if settings.database_url else home.database_url
    database = connect(url)
    return Core(settings, home, Catalog(database, Origin(face)), Engine(database))
