"""The line to the service: what is sent, waited for, and told; and the objects a script makes first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from awsglue import _service
from awsglue._refusals import ServiceError
from awsglue._service import Service, ServiceAwayError
from awsglue.context import GlueContext, register
from awsglue.dynamicframe import DynamicFrameReader, DynamicFrameWriter
from awsglue.job import Job

from tests.engine.shim.peer import Peer

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


def test_a_refusal_carries_the_services_message_and_code(peer: Peer) -> None:
    with pytest.raises(ServiceError, match="tables/d%20b/t does not exist") as raised:
        Service(peer.run_file).table("d b", "t")
    assert raised.value.code == "NOT_FOUND"


def test_a_refusal_that_is_no_json_of_ours_still_tells_its_status(peer: Peer) -> None:
    peer.give("POST", "commit", ["odd"], status=400)
    with pytest.raises(ServiceError, match="400"):
        Service(peer.run_file).commit()


def test_a_service_that_comes_back_on_another_port_is_found(
    peer: Peer, time: Time, capsys: pytest.CaptureFixture[str]
) -> None:
    peer.write_run_file(1)

    def restart(seconds: float) -> None:
        time.sleep(seconds)
        if time.now > 20:
            peer.write_run_file(peer.server.server_port)

    Service(peer.run_file, restart, time).commit()
    assert peer.bodies("commit") == [{}]
    assert capsys.readouterr().err.count("trying again for 10 minutes") == 1


def test_a_busy_service_is_asked_again(peer: Peer, time: Time) -> None:
    peer.answers["POST", "commit"] = [(503, {}), (502, {}), (200, {})]
    Service(peer.run_file, time.sleep, time).commit()
    assert len(peer.bodies("commit")) == 3


def test_a_service_that_stays_away_ten_minutes_fails_the_call(peer: Peer, time: Time) -> None:
    peer.write_run_file(1)
    with pytest.raises(ServiceAwayError, match="10 minutes"):
        Service(peer.run_file, time.sleep, time).commit()
    assert 580 < time.now <= _service.PATIENCE_SECONDS


def test_a_job_tells_its_commit(glue: GlueContext, peer: Peer) -> None:
    job = Job(glue)
    assert not job.isInitialized()
    job.init("nightly", {"day": "1"})
    job.commit()
    assert job.isInitialized()
    assert peer.bodies("commit") == [{}]


def test_a_job_without_a_service_only_keeps_its_state(glue: GlueContext) -> None:
    job = Job(glue.spark_session)
    job.init("nightly")
    job.commit()
    assert job.isInitialized()
    with pytest.raises(TypeError):
        Job("glue")  # type: ignore[arg-type]


def test_a_context_is_made_of_a_spark_context_a_session_or_nothing(spark: SparkSession) -> None:
    register(spark.sparkContext)
    for made in (GlueContext(spark.sparkContext), GlueContext(spark), GlueContext(minPartitions=3)):
        assert made.spark_session.range(2).count() == 2
        assert made.sql("select 1").count() == 1
        assert isinstance(made.create_dynamic_frame, DynamicFrameReader)
        assert isinstance(made.write_dynamic_frame, DynamicFrameWriter)
        assert made.create_dynamic_frame._glue_context is made


def test_a_logger_writes_one_line_a_message(glue: GlueContext, capsys: pytest.CaptureFixture[str]) -> None:
    glue.get_logger().warn("mind the gap")
    assert capsys.readouterr().err.endswith("WARN mind the gap\n")


def test_a_connection_is_told_with_its_password(peer: Peer) -> None:
    peer.give("GET", "connections/the%20shop", {"name": "the shop", "kind": "JDBC", "properties": {"PASSWORD": "p"}})
    assert Service(peer.run_file).connection("the shop") == {"PASSWORD": "p"}


def test_methods_patched_on_the_reader_class_are_called(glue: GlueContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DynamicFrameReader, "from_catalog", lambda self, *names: (self._glue_context, *names))
    assert glue.create_dynamic_frame.from_catalog("d", "t") == (glue, "d", "t")  # type: ignore[comparison-overlap]


def test_frame_names_come_from_what_the_paths_share(glue: GlueContext, tmp_path: Path) -> None:
    paths = [f"{tmp_path}/a.x", f"{tmp_path}/a.y"]
    assert glue.create_dynamic_frame.from_options("s3", {"paths": paths}, "csv").name == f"{tmp_path}/a".replace(
        "/", ""
    )
    assert "_" in glue.create_dynamic_frame.from_options("s3", {"paths": ["s3://a", "s3://b"]}, "csv").name
