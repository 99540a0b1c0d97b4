"""Every setting: its name, meaning and default, read once from the environment (ISINGLASS_…) or the command line."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.auth.principals import Role
from api.glue.account import OWN_ACCOUNT
from engine.ledger.retention import Keep


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="ISINGLASS_", env_ignore_empty=True, extra="ignore")

    home: Path = Field(default=Path("~/.isinglass"), description="Folder of the catalog's database, runs and logs.")
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(
        default=8765, ge=0, le=65535, description="Port of HTTP: GraphQL, health and metrics. 0 takes a free one."
    )
    hive_port: int = Field(default=9083, ge=0, le=65535, description="Port of the Hive Metastore. 0 takes a free one.")
    account: str = Field(
        default=OWN_ACCOUNT,
        pattern="^[0-9]{12}$",
        description="Number of the account whose catalog this is to clients of AWS Glue: their CatalogId, and in ARNs.",
    )
    introspection: bool | None = Field(
        default=None, description="Whether GraphQL tells its schema; default is on loopback only."
    )
    auth: Literal["off", "on"] = Field(
        default="off",
        description="Whether callers must prove who they are; off on loopback alone.",
    )
    tls_certificate: Path | None = Field(
        default=None, description="File of the certificate, with those above it, by which HTTP is encrypted."
    )
    tls_key: Path | None = Field(default=None, description="File of the certificate's key.")
    behind_proxy: bool = Field(
        default=False,
        description="Whether all that reaches the service comes by a proxy that ends TLS.",
    )
    allowed_hosts: str = Field(
        default="", description="Names that requests may call the service by, with commas between them."
    )
    hive_networks: str = Field(
        default="",
        description="With auth on, the networks whose clients the Hive port takes, such as 10.1.0.0/16, with commas "
        "between them; default is none but this machine's own user.",
    )
    hive_role: Role = Field(default=Role.VIEWER, description="With auth on, what clients from these networks may do.")
    keep_audit_days: int = Field(default=365, ge=1, description="Days that the audit of writes and refusals is kept.")
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
    keep_runs_days: int = Field(
        default=365, ge=0, description="Days that finished runs are kept, with their events and reports; 0 keeps all."
    )
    keep_runs: int = Field(
        default=0, ge=0, description="How many runs of each job and crawler are kept at most; 0 keeps all."
    )
    keep_logs_days: int = Field(
        default=90, ge=0, description="Days that the folders of finished runs, with their logs, are kept; 0 keeps all."
    )
    keep_modules_days: int = Field(
        default=30, ge=0, description="Days that Python modules are kept which no run has asked for; 0 keeps all."
    )
    keep_bookmarks: int = Field(
        default=1_000, ge=0, description="How many states of each job's bookmark are kept at most; 0 keeps all."
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
    run_log_limit: int = Field(
        default=100_000_000,
        ge=1 << 16,
        description="Bytes that are kept of each log of a run: its beginning and its end.",
    )
    webhook_hosts: str = Field(
        default="",
        description="The only hosts that webhooks may lead to, with commas between them; *.example.com are all "
        "below it. Default is any, but for addresses of the same link, and without TLS for those of the open internet.",
    )
    driver_memory: str = Field(
        default="2g", description="Heap of the Spark driver of a run whose job names no worker type."
    )
    run_cores: int | None = Field(
        default=None, ge=1, description="Cores that one job run may have; default is those of this machine."
    )
    run_memory: str | None = Field(
        default=None,
        description="Memory that all job runs may have together, such as 12g; default is 3/4 of this machine's.",
    )
    runs_at_once: int | None = Field(
        default=None, ge=1, description="Job runs that go on at one time; default is one for each core, at least 4."
    )
    warm_jvms: int = Field(
        default=1,
        ge=0,
        description="Javas that `serve` keeps warm, half a gigabyte each, for jobs to begin at once; 0: none.",
    )
    java_archive: bool = Field(
        default=True,
        description="Whether `serve` makes an archive of Java's classes, 250 MB in the home, for jobs to begin sooner.",
    )
    dpu_hour_price: float | None = Field(
        default=None, ge=0, description="Price of a DPU-hour, by which a run's cost is told; default is none."
    )

    @property
    def keep(self) -> Keep:
        return Keep(
            self.keep_runs_days, self.keep_runs, self.keep_logs_days, self.keep_modules_days, self.keep_bookmarks
        )

    @property
    def folder(self) -> Path:
        return self.home.expanduser().absolute()
