"""Every setting: its name, meaning and default, read once from the environment (ISINGLASS_…) or the command line."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="ISINGLASS_", env_ignore_empty=True, extra="ignore")

    home: Path = Field(default=Path("~/.isinglass"), description="Folder of the catalog's database, runs and logs.")
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(
        default=8765, ge=0, le=65535, description="Port of HTTP: GraphQL, health and metrics. 0 takes a free one."
    )
    hive_port: int = Field(default=9083, ge=0, le=65535, description="Port of the Hive Metastore. 0 takes a free one.")
    hive_largest_call: int = Field(
        default=1 << 30, ge=1 << 20, description="Bytes of the largest call that a client of the Hive port may make."
    )
    database_url: SecretStr | None = Field(
        default=None, description="The catalog's database; default is SQLite in the home."
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description="Keys that seal connections' secrets, 32 bytes in base64 each, the newest first; "
        "default is a file in the home.",
    )
    keep_versions: int | None = Field(
        default=None, ge=1, description="How many versions of a table are kept at most; default is all."
    )
    keep_versions_days: int | None = Field(
        default=None, ge=1, description="Versions not in force in the last so many days go; default is none."
    )
    s3_endpoint: str | None = Field(
        default=None, description="URL of a store that speaks S3; default is AWS_ENDPOINT_URL_S3's, or AWS itself."
    )
    s3_path_style: bool | None = Field(
        default=None,
        description="Whether S3's buckets are named in the path; if not, in the host. Default is the path.",
    )
    java_home: Path | None = Field(
        default=None, description="The Java for Spark; default is JAVA_HOME's, PATH's or our own."
    )
    spark_master: str = Field(default="local[*]", description="Where job runs have their Spark.")
    jars: Path | None = Field(
        default=None,
        description="Folder of jars for every job run: drivers, Spark's connector to S3 (hadoop-aws), table formats.",
    )
    maven_repository: str | None = Field(
        default=None,
        description="URL of a Maven repository that Spark may fetch its connector to S3 from, such as "
        "https://repo1.maven.org/maven2; default is none.",
    )
    driver_memory: str = Field(default="2g", description="Heap of a job run's Spark driver.")

    @property
    def folder(self) -> Path:
        return self.home.expanduser().absolute()
