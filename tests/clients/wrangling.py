"""What test_awswrangler.py has awswrangler do, in the clients' environment; prints what it found as JSON."""

from __future__ import annotations

import json
import sys

import awswrangler as wr
import pandas as pd


def main(path: str) -> None:
    wr.catalog.create_database("lake", description="of awswrangler", exist_ok=True)
    wr.catalog.create_database("lake", exist_ok=True)
    frame = pd.DataFrame({"id": [1, 2, 3], "word": ["a", "b", "c"], "day": ["d1", "d1", "d2"]})
    wr.s3.to_parquet(
        frame, path=path, dataset=True, database="lake", table="words", partition_cols=["day"],
        glue_table_settings={
            "description": "words", "parameters": {"team": "web"}, "columns_comments": {"word": "what was said"}
        },
    )  # fmt: skip
    more = pd.DataFrame({"id": [4], "word": ["d"], "size": [0.5], "day": ["d3"]})
    wr.s3.to_parquet(
        more, path=path, dataset=True, mode="append", database="lake", table="words", partition_cols=["day"],
        schema_evolution=True,
    )  # fmt: skip
    read = wr.s3.read_parquet_table(database="lake", table="words", partition_filter=lambda keys: keys["day"] == "d1")
    wr.catalog.upsert_table_parameters({"team": "data"}, "lake", "words")
    found = {
        "databases": list(wr.catalog.databases()["Database"]),
        "tables": [each["Name"] for each in wr.catalog.get_tables(database="lake", name_prefix="wo")],
        "types": wr.catalog.get_table_types("lake", "words"),
        "comments": wr.catalog.get_columns_comments("lake", "words"),
        "description": wr.catalog.get_table_description("lake", "words"),
        "parameters": wr.catalog.get_table_parameters("lake", "words"),
        "partitions": sorted(wr.catalog.get_partitions("lake", "words").values()),
        "some": sorted(wr.catalog.get_partitions("lake", "words", expression="day > 'd1'").values()),
        "versions": wr.catalog.get_table_number_of_versions("lake", "words"),
        "search": [each["Name"] for each in wr.catalog.search_tables("words")],
        "read": sorted(read["id"].tolist()),
        "there": wr.catalog.does_table_exist("lake", "words"),
    }
    wr.catalog.delete_partitions(database="lake", table="words", partitions_values=[["d1"]])
    found["left"] = sorted(wr.catalog.get_partitions("lake", "words").values())
    found["deleted"] = wr.catalog.delete_table_if_exists("lake", "words")
    found["gone"] = not wr.catalog.does_table_exist("lake", "words")
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
