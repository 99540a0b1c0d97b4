"""What every command and every face needs: the settings, the home, and the two front doors."""

from __future__ import annotations

import os
from dataclasses import dataclass

import psutil

from api.auth.access import Access
from api.home import Home
from api.keys import sealer_of
from api.settings import Settings
from catalog.catalog import Catalog
from catalog.db import connect
from catalog.model import Origin
from catalog.retention import Retention
from engine.crawling.spark_answers import SparkAnswers
from engine.engine import Engine
from engine.jobs.sizing import Host, host_of, memory_of


@dataclass(frozen=True)
class Core:
    settings: Settings
    home: Home
    catalog: Catalog
    engine: Engine
    access: Access


def open_core(settings: Settings, face: str) -> Core:
    """The core over the home's database; `face` is recorded with what it changes.

    Raises HomeUnusable, StoreUnavailable.
    """
    home = Home.open(settings.folder)
    _reach_s3(settings)
    url = settings.database_url.get_secret_value() if settings.database_url else home.database_url
    database = connect(url)
    keys = settings.secret_key.get_secret_value() if settings.secret_key else None
    retention = Retention(settings.keep_versions, settings.keep_versions_days)
    sealer = sealer_of(keys, home.secret_key)
    catalog = Catalog(database, Origin(face), sealer=sealer, retention=retention)
    spark = SparkAnswers(settings.spark_master, settings.java_home)
    engine = Engine(
        database,
        runs=home.runs,
        spark=spark,
        host=_host(settings),
        dpu_hour_price=settings.dpu_hour_price,
        sealer=sealer,
        webhook_hosts=tuple(each.strip() for each in settings.webhook_hosts.split(",") if each.strip()),
    )
    return Core(settings, home, catalog, engine, Access(database, sealer))


def _host(settings: Settings) -> Host:
    """What job runs may have of this machine. Raises InvalidInput for a memory that is none."""
    cores = psutil.cpu_count() or 1
    memory_mb = psutil.virtual_memory().total * 3 // 4 // 2**20
    return host_of(
        settings.run_cores or cores,
        memory_of(settings.run_memory) if settings.run_memory else memory_mb,
        settings.runs_at_once or max(4, cores),
        settings.spark_master,
        settings.driver_memory,
    )


def _reach_s3(settings: Settings) -> None:
    """S3's settings as AWS's own variables: our libraries and the runs that we start look there, and nowhere else."""
    if settings.s3_endpoint is not None:
        os.environ["AWS_ENDPOINT_URL_S3"] = settings.s3_endpoint
    if settings.s3_path_style is not None:
        os.environ["AWS_VIRTUAL_HOSTED_STYLE_REQUEST"] = str(not settings.s3_path_style).lower()
