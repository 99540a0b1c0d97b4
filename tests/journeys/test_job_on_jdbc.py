"""A job that copies a crawled table of PostgreSQL to another, run after run, worked off by the service."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from catalog.model import Database
from engine.model import Run
from engine.states import RunState
from tests.conftest import Postgres
from tests.engine.shim.shop import Shop, open_shop
from tests.journeys.installation import Installation, lines_of

pytestmark = pytest.mark.system

PASSWORD = "canary-6fd2"
SCRIPT = """
import sys
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "table", "database"])
glue = GlueContext(SparkContext.getOrCreate())
job = Job(glue)
job.init(args["JOB_NAME"], args)
orders = glue.create_dynamic_frame.from_catalog(
    database="till",
    table_name=args["table"],
    transformation_ctx="orders",
    additional_options={"jobBookmarkKeys": ["id"], "jobBookmarkKeysSortOrder": "asc", "hashfield": "who"},
)
print(orders.count())
glue.write_dynamic_frame.from_jdbc_conf(orders, "shop", {"database": args["database"], "dbtable": "copied"})
job.commit()
"""


@pytest.fixture
def shop(postgres: Postgres) -> Iterator[Shop]:
    with open_shop(postgres) as opened:
        yield opened


def set_up(installation: Installation, shop: Shop) -> None:
    password = installation.folder / "password"
    password.write_text(PASSWORD)
    script = installation.folder / "copy.py"
    script.write_text(SCRIPT)
    installation.run(
        "connection", "create", "shop", "--url", shop.url, "--user", "postgres", "--password-file", password
    )
    password.unlink()
    installation.catalog.create_database(Database("till"))
    installation.run("crawler", "create", "till", "--database", "till", "--jdbc", f"shop={shop.name}/sales/%")
    installation.run("crawl", "till")
    arguments = {"--table": f"{shop.name}_sales_orders", "--database": shop.name}
    given = [word for name, value in arguments.items() for word in ("-a", f"{name}={value}")]
    installation.run("job", "create", "copy", script, *given, "-a", "--job-bookmark-option=job-bookmark-enable")


def printed(installation: Installation, run: Run) -> list[str]:
    folder = installation.home / "runs" / run.id
    assert run.state is RunState.SUCCEEDED, (run.detail, (folder / "error.log").read_text())
    return lines_of((folder / "output.log").read_text())


def test_each_run_copies_the_rows_that_came_since_the_last_and_the_password_is_left_nowhere(
    installation: Installation, shop: Shop
) -> None:
    set_up(installation, shop)
    installation.serve()
    assert printed(installation, installation.await_end(installation.put_in("copy"))) == ["40"]
    shop.run("INSERT INTO sales.orders VALUES (41, 'w41', 1, NULL, NULL), (43, NULL, 2, NULL, NULL)")
    assert printed(installation, installation.await_end(installation.put_in("copy"))) == ["2"]
    assert shop.ask("SELECT count(*), count(DISTINCT id), max(id) FROM copied") == [(42, 42, 43)]
    left = [path for path in installation.folder.rglob("*") if path.is_file()]
    assert [path for path in left if PASSWORD.encode() in path.read_bytes()] == []
