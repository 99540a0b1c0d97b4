"""Statements as users of Spark write them, in chapters; each chapter has a database of its own.

A statement stands with what it must yield: its rows, or the error class (or a part of the message) with which Spark
refuses it. `{root}` is a folder of the chapter, `{db}` its database.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Refused:
    """`condition` is a part of Spark's error class or message."""

    condition: str


Row = tuple[object, ...]
Statement = tuple[str, list[Row] | Refused]
DONE: list[Row] = []
NULL_NAME = "__HIVE_DEFAULT_PARTITION__"


def done(*statements: str) -> list[Statement]:
    """Statements that yield no rows."""
    return [(statement, DONE) for statement in statements]


CHAPTERS: dict[str, list[Statement]] = {}

CHAPTERS["databases"] = [
    ("CREATE DATABASE {db}", Refused("SCHEMA_ALREADY_EXISTS")),
    *done(
        "CREATE DATABASE IF NOT EXISTS {db}",
        "CREATE DATABASE {db}_2 COMMENT 'The second' WITH DBPROPERTIES ('team' = 'web')",
    ),
    ("SHOW DATABASES LIKE '{db}*'", [("{db}",), ("{db}_2",)]),
    *done("ALTER DATABASE {db}_2 SET DBPROPERTIES ('team' = 'data', 'é' = 'ü')"),
    (
        "SELECT 1 FROM (SELECT 1) WHERE current_database() = 'default'",
        [(1,)],
    ),
    *done("CREATE TABLE {db}_2.t (a INT) USING parquet"),
    ("DROP DATABASE {db}_2", Refused("still holds 1 table")),
    *done("DROP DATABASE {db}_2 CASCADE", "DROP DATABASE IF EXISTS {db}_2"),
    ("DROP DATABASE {db}_2", Refused("SCHEMA_NOT_FOUND")),
    ("DROP DATABASE default", Refused("UNSUPPORTED_FEATURE.DROP_DATABASE")),
    ("CREATE DATABASE `a-b`", Refused("INVALID_SCHEMA_OR_RELATION_NAME")),
    *done("CREATE DATABASE {db}_3 LOCATION '{root}/else'", "CREATE TABLE {db}_3.t (a INT)"),
    *done("INSERT INTO {db}_3.t VALUES (1)"),
    ("SELECT a, input_file_name() LIKE '%{root}/else/t/%' FROM {db}_3.t", [(1, True)]),
    *done("DROP DATABASE {db}_3 CASCADE"),
]


def managed(format: str, can_grow: bool) -> list[Statement]:
    """The life of a managed table. Not every format lets columns be added."""
    rows: list[Row] = [(1, "x", 1.5), (2, None, None)]
    grown: list[Statement] = [
        *done("ALTER TABLE {db}.t ADD COLUMNS (d DATE COMMENT 'new')"),
        ("SELECT a, d FROM {db}.t ORDER BY a", [(1, None), (2, None)]),
        *done("INSERT INTO {db}.t VALUES (3, 'z', 0.5, NULL)"),
        ("SELECT count(*), count(d) FROM {db}.t", [(3, 0)]),
    ]
    return [
        *done(f"CREATE TABLE {{db}}.t (a INT, B STRING, c DOUBLE) {format}"),
        (f"CREATE TABLE {{db}}.T (a INT) {format}", Refused("TABLE_OR_VIEW_ALREADY_EXISTS")),
        ("SELECT * FROM {db}.t", []),
        *done("INSERT INTO {db}.t VALUES (1, 'x', 1.5), (2, NULL, NULL)"),
        ("SELECT a, b, c FROM {db}.t ORDER BY a", rows),
        *(grown if can_grow else []),
        *done("INSERT OVERWRITE {db}.t (a) SELECT 0 WHERE false"),
        ("SELECT count(*) FROM {db}.t", [(0,)]),
        *done("INSERT INTO {db}.t (a) VALUES (7)", "ALTER TABLE {db}.t RENAME TO {db}.u"),
        ("SELECT * FROM {db}.t", Refused("TABLE_OR_VIEW_NOT_FOUND")),
        ("SELECT a, b FROM {db}.u", [(7, None)]),
        *done("INSERT INTO {db}.u (a) VALUES (8)"),
        ("SELECT count(*) FROM {db}.u WHERE input_file_name() LIKE '%/{db}.db/u/%'", [(2,)]),
        *done("TRUNCATE TABLE {db}.u"),
        ("SELECT count(*) FROM {db}.u", [(0,)]),
        *done("DROP TABLE {db}.u", "DROP TABLE IF EXISTS {db}.u"),
        ("DROP TABLE {db}.u", Refused("TABLE_OR_VIEW_NOT_FOUND")),
    ]


def partitioned(create: str, null: str | None) -> list[Statement]:
    """The life of a managed table with partitions. `null`: how a reader of the format shows the null partition."""
    return [
        *done(create, "INSERT INTO {db}.t PARTITION (p = 1, s = 'a b') VALUES (1)"),
        *done("INSERT INTO {db}.t PARTITION (p, s) VALUES (2, 2, 'c/d=e%'), (3, 3, NULL)"),
        ("SELECT a, p, s FROM {db}.t ORDER BY a", [(1, 1, "a b"), (2, 2, "c/d=e%"), (3, 3, null)]),
        ("SHOW PARTITIONS {db}.t", [("p=1/s=a b",), ("p=2/s=c%2Fd%3De%25",), (f"p=3/s={NULL_NAME}",)]),
        ("SHOW PARTITIONS {db}.t PARTITION (p = 2)", [("p=2/s=c%2Fd%3De%25",)]),
        ("SELECT a FROM {db}.t WHERE p > 1 AND s = 'c/d=e%'", [(2,)]),
        ("SELECT a FROM {db}.t WHERE p IN (1, 3) AND p != 3", [(1,)]),
        *done("INSERT OVERWRITE {db}.t PARTITION (p = 1, s = 'a b') VALUES (10), (11)"),
        ("SELECT a FROM {db}.t WHERE p = 1 ORDER BY a", [(10,), (11,)]),
        *done("ALTER TABLE {db}.t PARTITION (p = 1, s = 'a b') RENAME TO PARTITION (p = 9, s = 'é')"),
        ("SELECT a, s FROM {db}.t WHERE p = 9 ORDER BY a", [(10, "é"), (11, "é")]),
        (
            "ALTER TABLE {db}.t PARTITION (p = 9, s = 'é') RENAME TO PARTITION (p = 2, s = 'c/d=e%')",
            Refused("PARTITIONS_ALREADY_EXIST"),
        ),
        *done("ALTER TABLE {db}.t ADD PARTITION (p = 5, s = 'x') PARTITION (p = 5, s = 'y')"),
        ("ALTER TABLE {db}.t ADD PARTITION (p = 5, s = 'x')", Refused("PARTITIONS_ALREADY_EXIST")),
        *done("ALTER TABLE {db}.t ADD IF NOT EXISTS PARTITION (p = 5, s = 'x')"),
        ("SELECT count(*) FROM {db}.t WHERE p = 5", [(0,)]),
        *done("ALTER TABLE {db}.t DROP PARTITION (p = 5)", "ALTER TABLE {db}.t DROP IF EXISTS PARTITION (p = 5)"),
        ("ALTER TABLE {db}.t DROP PARTITION (p = 5)", Refused("PARTITIONS_NOT_FOUND")),
        *done("ALTER TABLE {db}.t RENAME TO {db}.u"),
        ("SELECT a, p FROM {db}.u ORDER BY a", [(2, 2), (3, 3), (10, 9), (11, 9)]),
        *done("TRUNCATE TABLE {db}.u PARTITION (p = 9)"),
        ("SELECT a FROM {db}.u ORDER BY a", [(2,), (3,)]),
        *done("MSCK REPAIR TABLE {db}.u"),
        ("SHOW PARTITIONS {db}.u PARTITION (p = 9)", [("p=9/s=é",)]),
        *done("DROP TABLE {db}.u"),
    ]


for _name, _format, _grows in (
    ("parquet", "USING parquet", True),
    ("orc", "STORED AS ORC", True),
    ("csv", "USING csv", True),
    ("json", "USING json", True),
    ("text serde", "STORED AS TEXTFILE", True),
    ("avro serde", "STORED AS AVRO", False),
):
    CHAPTERS[f"managed {_name}"] = managed(_format, _grows)

for _name, _create, _null in (
    ("parquet", "CREATE TABLE {db}.t (a INT, p INT, s STRING) USING parquet PARTITIONED BY (p, s)", None),
    ("text serde", "CREATE TABLE {db}.t (a INT) PARTITIONED BY (p INT, s STRING) STORED AS TEXTFILE", NULL_NAME),
):
    CHAPTERS[f"partitioned {_name}"] = partitioned(_create, _null)

CHAPTERS["dynamic overwrite, and partitions that others made"] = [
    *done(
        "CREATE TABLE {db}.t (a INT, p INT) USING parquet PARTITIONED BY (p)",
        "INSERT INTO {db}.t VALUES (1, 1), (2, 2)",
    ),
    ("SET spark.sql.sources.partitionOverwriteMode=dynamic", [("spark.sql.sources.partitionOverwriteMode", "dynamic")]),
    *done("INSERT OVERWRITE {db}.t VALUES (22, 2), (33, 3)"),
    ("SELECT * FROM {db}.t ORDER BY a", [(1, 1), (22, 2), (33, 3)]),
    ("SET spark.sql.sources.partitionOverwriteMode=static", [("spark.sql.sources.partitionOverwriteMode", "static")]),
    *done("INSERT OVERWRITE {db}.t VALUES (4, 4)"),
    ("SELECT * FROM {db}.t", [(4, 4)]),
    *done("INSERT OVERWRITE DIRECTORY '{root}/out/p=7' USING parquet SELECT 70 AS a"),
    *done("ALTER TABLE {db}.t ADD PARTITION (p = 7) LOCATION '{root}/out/p=7'"),
    ("SELECT * FROM {db}.t ORDER BY a", [(4, 4), (70, 7)]),
    *done(
        "CREATE TABLE {db}.e (a INT, p INT) USING parquet PARTITIONED BY (p) LOCATION '{root}/out'",
        "MSCK REPAIR TABLE {db}.e",
    ),
    ("SELECT * FROM {db}.e", [(70, 7)]),
    *done("ALTER TABLE {db}.e DROP PARTITION (p = 7)", "MSCK REPAIR TABLE {db}.e SYNC PARTITIONS"),
    ("SELECT * FROM {db}.e", [(70, 7)]),
    *done("ALTER TABLE {db}.e PARTITION (p = 7) SET LOCATION '{root}/none'"),
    ("SELECT * FROM {db}.e", []),
    *done("DROP TABLE {db}.e"),
    ("SELECT * FROM parquet.`{root}/out`", [(70, 7)]),
]

CHAPTERS["external tables"] = [
    *done(
        "CREATE EXTERNAL TABLE {db}.e (a INT, b STRING) ROW FORMAT DELIMITED FIELDS TERMINATED BY ','"
        " LOCATION '{root}/lake/e'"
    ),
    ("SELECT * FROM {db}.e", []),
    *done("INSERT INTO {db}.e VALUES (1, 'x')", "ALTER TABLE {db}.e RENAME TO {db}.f"),
    ("SELECT a, input_file_name() LIKE '%/lake/e/%' FROM {db}.f", [(1, True)]),
    *done("DROP TABLE {db}.f", "CREATE EXTERNAL TABLE {db}.e (a STRING) STORED AS TEXTFILE LOCATION '{root}/lake/e'"),
    ("SELECT * FROM {db}.e", [("1,x",)]),
    *done("ALTER TABLE {db}.e SET LOCATION '{root}/lake/f'"),
    *done("INSERT INTO {db}.e VALUES ('new')"),
    ("SELECT * FROM {db}.e", [("new",)]),
    ("TRUNCATE TABLE {db}.e", Refused("external")),
    *done("DROP TABLE {db}.e PURGE"),
    ("SELECT value FROM text.`{root}/lake/*` ORDER BY value", [("1,x",), ("new",)]),
]

CHAPTERS["load data"] = [
    *done(
        "INSERT OVERWRITE DIRECTORY '{root}/in' USING csv SELECT 1, 'a' UNION ALL SELECT 2, 'b'",
        "CREATE TABLE {db}.t (a INT, b STRING) ROW FORMAT DELIMITED FIELDS TERMINATED BY ','",
        "LOAD DATA LOCAL INPATH '{root}/in/*.csv' INTO TABLE {db}.t",
        "LOAD DATA LOCAL INPATH '{root}/in/*.csv' INTO TABLE {db}.t",
    ),
    ("SELECT count(*) FROM {db}.t", [(4,)]),
    *done("LOAD DATA LOCAL INPATH '{root}/in/*.csv' OVERWRITE INTO TABLE {db}.t"),
    ("SELECT * FROM {db}.t ORDER BY a", [(1, "a"), (2, "b")]),
    *done(
        "CREATE TABLE {db}.p (a INT, b STRING) PARTITIONED BY (d DATE) ROW FORMAT DELIMITED FIELDS TERMINATED BY ','",
        "LOAD DATA INPATH '{root}/in/*.csv' INTO TABLE {db}.p PARTITION (d = '2024-02-29')",
    ),
    (
        "SELECT a, cast(d AS STRING) FROM {db}.p WHERE d > DATE'2024-02-01' ORDER BY a",
        [(1, "2024-02-29"), (2, "2024-02-29")],
    ),
    ("LOAD DATA INPATH '{root}/none' INTO TABLE {db}.t", Refused("LOAD_DATA_PATH_NOT_EXISTS")),
]

CHAPTERS["tables from queries"] = [
    *done("CREATE TABLE {db}.a AS SELECT 1 AS x, 'q' AS y", "CREATE TABLE {db}.b USING json AS SELECT * FROM {db}.a"),
    ("SELECT * FROM {db}.b", [(1, "q")]),
    *done("CREATE TABLE {db}.c STORED AS ORC PARTITIONED BY (y) AS SELECT x, y FROM {db}.a"),
    ("SHOW PARTITIONS {db}.c", [("y=q",)]),
    ("CREATE TABLE {db}.a AS SELECT 2 AS x", Refused("TABLE_OR_VIEW_ALREADY_EXISTS")),
    *done("CREATE TABLE IF NOT EXISTS {db}.a AS SELECT 2 AS x", "CREATE TABLE {db}.l LIKE {db}.c"),
    ("SELECT count(*) FROM {db}.l", [(0,)]),
    ("CREATE TABLE {db}.none AS SELECT 1 / 0 AS x", Refused("DIVIDE_BY_ZERO")),
    ("SELECT * FROM {db}.none", Refused("TABLE_OR_VIEW_NOT_FOUND")),
    *done("DROP TABLE {db}.a", "CREATE TABLE {db}.a AS SELECT 5 AS x"),
    ("SELECT * FROM {db}.a", [(5,)]),
    ("INSERT INTO {db}.nowhere VALUES (1)", Refused("TABLE_OR_VIEW_NOT_FOUND")),
    ("CREATE TABLE {db}_none.t (a INT)", Refused("SCHEMA_NOT_FOUND")),
]

CHAPTERS["definitions"] = [
    *done(
        "CREATE TABLE {db}.t (a INT COMMENT 'é', b STRING) USING parquet COMMENT 'A table' TBLPROPERTIES ('k' = '1')",
        "ALTER TABLE {db}.t SET TBLPROPERTIES ('k' = '2', 'long' = '" + "x" * 5_000 + "')",
    ),
    ("SHOW TBLPROPERTIES {db}.t ('k')", [("k", "2")]),
    *done("ALTER TABLE {db}.t UNSET TBLPROPERTIES ('k')", "ALTER TABLE {db}.t ALTER COLUMN a COMMENT 'new'"),
    ("SHOW COLUMNS IN {db}.t", [("a",), ("b",)]),
    *done("COMMENT ON TABLE {db}.t IS 'Other'"),
    ("ALTER TABLE {db}.t ALTER COLUMN a TYPE STRING", Refused("NOT_SUPPORTED_CHANGE_COLUMN")),
    ("ALTER TABLE {db}.t ADD COLUMNS (A INT)", Refused("COLUMN_ALREADY_EXISTS")),
    *done("INSERT INTO {db}.t VALUES (1, 'x')", "ANALYZE TABLE {db}.t COMPUTE STATISTICS"),
    *done("ANALYZE TABLE {db}.t COMPUTE STATISTICS FOR ALL COLUMNS"),
    ("SHOW TABLES IN {db}", [("{db}", "t", False)]),
    ("SHOW TABLES IN {db} LIKE 'x*'", []),
    *done(
        "CREATE TABLE {db}.p (a INT, p INT) USING parquet PARTITIONED BY (p)",
        "INSERT INTO {db}.p VALUES (1, 1)",
        "ANALYZE TABLE {db}.p PARTITION (p) COMPUTE STATISTICS",
        "CREATE TABLE {db}.n (a STRUCT<B: ARRAY<MAP<STRING, DECIMAL(10,2)>>, c: TIMESTAMP>) USING parquet",
        "INSERT INTO {db}.n SELECT named_struct('B', array(map('k', 1.25BD)), 'c', TIMESTAMP'2024-01-01 00:00:00')",
    ),
    ("SELECT cast(a.b[0]['k'] AS STRING), year(a.c) FROM {db}.n", [("1.25", 2024)]),
    *done("CREATE TABLE {db}.bu (a INT) USING parquet CLUSTERED BY (a) SORTED BY (a) INTO 2 BUCKETS"),
    *done("INSERT INTO {db}.bu SELECT id FROM range(5)"),
    ("SELECT count(*) FROM {db}.bu WHERE a = 3", [(1,)]),
    *done("CREATE TABLE {db}.ch (a CHAR(3), b VARCHAR(2)) USING parquet", "INSERT INTO {db}.ch VALUES ('a', 'b')"),
    ("SELECT length(a), b FROM {db}.ch", [(3, "b")]),
]

CHAPTERS["views"] = [
    *done(
        "CREATE TABLE {db}.t AS SELECT 1 AS a, 'x' AS b", "CREATE VIEW {db}.v (n COMMENT 'no') AS SELECT a FROM {db}.t"
    ),
    ("SELECT n FROM {db}.v", [(1,)]),
    ("CREATE VIEW {db}.v AS SELECT 1", Refused("TABLE_OR_VIEW_ALREADY_EXISTS")),
    *done("CREATE OR REPLACE VIEW {db}.v AS SELECT b FROM {db}.t", "ALTER VIEW {db}.v SET TBLPROPERTIES ('k' = '1')"),
    ("SELECT * FROM {db}.v", [("x",)]),
    *done("ALTER VIEW {db}.v AS SELECT 5 AS five", "ALTER VIEW {db}.v RENAME TO {db}.w"),
    ("SELECT * FROM {db}.w", [(5,)]),
    ("SHOW VIEWS IN {db}", [("{db}", "w", False)]),
    ("INSERT INTO {db}.w VALUES (1)", Refused("INSERT")),
    *done("DROP VIEW {db}.w"),
    ("DROP VIEW {db}.w", Refused("TABLE_OR_VIEW_NOT_FOUND")),
]

CHAPTERS["odd names"] = [
    *done(
        "CREATE TABLE {db}.odd (`a b` INT, `Größe` STRING, `x.y` INT, `p q` INT) USING parquet PARTITIONED BY (`p q`)"
    ),
    *done("INSERT INTO {db}.odd VALUES (1, 'ä', 2, 5)"),
    ("SELECT `größe`, `x.y` FROM {db}.odd WHERE `p q` = 5", [("ä", 2)]),
    ("SHOW PARTITIONS {db}.odd", [("p q=5",)]),
    *done(
        "CREATE TABLE {db}.wide (" + ", ".join(f"c{number} INT" for number in range(300)) + ") USING parquet",
        "INSERT INTO {db}.wide (c0, c299) VALUES (1, 2)",
    ),
    ("SELECT c0, c1, c299 FROM {db}.wide", [(1, None, 2)]),
    ("CREATE TABLE {db}.`a b` (a INT)", Refused("INVALID_SCHEMA_OR_RELATION_NAME")),
]


def partitioned_briefly(create: str, null: str | None) -> list[Statement]:
    """Static, dynamic and overwritten partitions with values that no folder bears as they are."""
    return [
        *done(create, "INSERT INTO {db}.t PARTITION (s = 'ключ/日本') VALUES (1)"),
        *done("INSERT INTO {db}.t PARTITION (s) VALUES (2, 'A'), (3, 'a'), (4, '🙂 %'), (5, NULL), (6, 'x=y')"),
        (
            "SELECT a, s FROM {db}.t ORDER BY a",
            [(1, "ключ/日本"), (2, "A"), (3, "a"), (4, "🙂 %"), (5, null), (6, "x=y")],
        ),
        ("SELECT a FROM {db}.t WHERE s = 'a'", [(3,)]),
        ("SELECT a FROM {db}.t WHERE s IN ('🙂 %', 'x=y', 'ключ/日本') ORDER BY a", [(1,), (4,), (6,)]),
        *done("INSERT OVERWRITE {db}.t PARTITION (s = 'A') VALUES (20)", "INSERT INTO {db}.t VALUES (21, 'A')"),
        ("SELECT a FROM {db}.t WHERE s = 'A' ORDER BY a", [(20,), (21,)]),
        *done("ALTER TABLE {db}.t PARTITION (s = '🙂 %') RENAME TO PARTITION (s = '%F0')"),
        ("SELECT a, s FROM {db}.t WHERE s > '%' AND s < '&'", [(4, "%F0")]),
        *done("ALTER TABLE {db}.t DROP PARTITION (s = 'ключ/日本'), PARTITION (s = 'a')"),
        ("SHOW PARTITIONS {db}.t", [("s=%25F0",), ("s=A",), (f"s={NULL_NAME}",), ("s=x%3Dy",)]),
        *done("ANALYZE TABLE {db}.t PARTITION (s = 'A') COMPUTE STATISTICS"),
        ("SELECT count(*) FROM {db}.t", [(5,)]),
        *done("DROP TABLE {db}.t"),
    ]


for _name, _create, _null in (
    ("csv", "CREATE TABLE {db}.t (a INT, s STRING) USING csv PARTITIONED BY (s)", None),
    ("json", "CREATE TABLE {db}.t (a INT, s STRING) USING json PARTITIONED BY (s)", None),
    ("orc serde", "CREATE TABLE {db}.t (a INT) PARTITIONED BY (s STRING) STORED AS ORC", None),
    ("avro serde", "CREATE TABLE {db}.t (a INT) PARTITIONED BY (s STRING) STORED AS AVRO", NULL_NAME),
):
    CHAPTERS[f"odd partitions {_name}"] = partitioned_briefly(_create, _null)

CHAPTERS["changes of tables"] = [
    *done(
        "CREATE TABLE {db}.t (a INT, b STRING, p INT) USING parquet PARTITIONED BY (p)",
        "ALTER TABLE {db}.t CHANGE COLUMN a a INT COMMENT 'first'",
        "INSERT INTO {db}.t BY NAME SELECT 1 AS p, 'x' AS b, 5 AS a",
    ),
    ("SELECT * FROM {db}.t", [(5, "x", 1)]),
    ("ALTER TABLE {db}.t RENAME COLUMN a TO c", Refused("UNSUPPORTED_FEATURE.TABLE_OPERATION")),
    ("ALTER TABLE {db}.t DROP COLUMN a", Refused("UNSUPPORTED_FEATURE.TABLE_OPERATION")),
    ("UPDATE {db}.t SET a = 1", Refused("UNSUPPORTED_FEATURE.TABLE_OPERATION")),
    ("DELETE FROM {db}.t WHERE a = 1", Refused("UNSUPPORTED_FEATURE.TABLE_OPERATION")),
    *done(
        "ANALYZE TABLE {db}.t PARTITION (p = 1) COMPUTE STATISTICS NOSCAN",
        "ANALYZE TABLE {db}.t COMPUTE STATISTICS FOR COLUMNS a, b",
    ),
    ("DESCRIBE {db}.t a", [("col_name", "a"), ("data_type", "int"), ("comment", "first")]),
    *done("ALTER TABLE {db}.t ADD COLUMNS (n STRUCT<x: INT, y: ARRAY<STRING>>)"),
    *done("INSERT INTO {db}.t (a, n, p) VALUES (6, named_struct('x', 1, 'y', array('q')), 2)"),
    ("SELECT n.x, n.y[0] FROM {db}.t ORDER BY a", [(None, None), (1, "q")]),
    ("SELECT count(*) FROM {db}.t WHERE p = 2", [(1,)]),
    *done("ALTER TABLE {db}.t DROP PARTITION (p = 1)", "ALTER TABLE {db}.t RECOVER PARTITIONS"),
    ("SHOW PARTITIONS {db}.t", [("p=2",)]),
    *done(
        "CREATE TABLE {db}.s (a INT, b STRING) ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'"
        " STORED AS TEXTFILE",
        "INSERT INTO {db}.s VALUES (1, 'a;b')",
        "ALTER TABLE {db}.s SET SERDEPROPERTIES ('separatorChar' = ';')",
    ),
    ("SELECT a FROM {db}.s", [('1,"a;b',)]),
    *done("CREATE TABLE {db}.m (a INT) USING parquet LOCATION '{root}/first'", "INSERT INTO {db}.m VALUES (1)"),
    *done("ALTER TABLE {db}.m SET LOCATION '{root}/moved'", "INSERT INTO {db}.m VALUES (2)"),
    ("SELECT * FROM {db}.m", [(2,)]),
    *done("ALTER DATABASE {db} SET DBPROPERTIES ('team' = 'ключ')", "COMMENT ON DATABASE {db} IS 'Änderungen'"),
    ("SHOW TABLES IN {db} LIKE 's|m'", [("{db}", "m", False), ("{db}", "s", False)]),
]

CHAPTERS["wide tables"] = [
    *done(
        "CREATE TABLE {db}.o (" + ", ".join(f"Column_{number} STRING" for number in range(300)) + ") STORED AS ORC",
        "ALTER TABLE {db}.o ADD COLUMNS (last DECIMAL(38,18) COMMENT 'the 301st')",
        "INSERT INTO {db}.o (Column_0, last) VALUES ('a', 1.5)",
    ),
    ("SELECT column_0, column_299, cast(last AS DOUBLE) FROM {db}.o", [("a", None, 1.5)]),
    *done(
        "CREATE TABLE {db}.c USING csv PARTITIONED BY (column_7) AS SELECT * FROM {db}.o",
        "ALTER TABLE {db}.c ADD PARTITION (column_7 = 'x')",
        "ANALYZE TABLE {db}.c COMPUTE STATISTICS FOR COLUMNS column_0, last",
    ),
    ("SELECT column_0 FROM {db}.c WHERE column_7 IS NULL", [("a",)]),
    ("SHOW PARTITIONS {db}.c", [(f"Column_7={NULL_NAME}",), ("Column_7=x",)]),
]

CHAPTERS["functions"] = [
    *done(
        "CREATE FUNCTION {db}.plus(x INT, y INT DEFAULT 1) RETURNS INT RETURN x + y",
        "CREATE FUNCTION {db}.pairs(n INT) RETURNS TABLE (a INT, b INT) RETURN SELECT n, n * 2",
        "CREATE FUNCTION {db}.far AS 'org.apache.hadoop.hive.ql.udf.generic.GenericUDFLevenshtein'",
    ),
    ("SELECT {db}.plus(1), {db}.plus(1, 5), {db}.far('kitten', 'sitting')", [(2, 6, 3)]),
    ("SELECT * FROM {db}.pairs(4)", [(4, 8)]),
    ("CREATE FUNCTION {db}.plus(x INT) RETURNS INT RETURN x", Refused("ROUTINE_ALREADY_EXISTS")),
    ("SELECT {db}.nothing(1)", Refused("UNRESOLVED_ROUTINE")),
    *done("DROP FUNCTION {db}.far", "DROP FUNCTION {db}.plus", "DROP FUNCTION {db}.pairs"),
    ("DROP FUNCTION {db}.plus", Refused("ROUTINE_NOT_FOUND")),
]
