"""Where a service may listen: on loopback at will, elsewhere with auth and TLS alone; and whom its Hive port takes."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from thriftpy2.thrift import TException

from api.auth.exposure import CertificateUnusable, Unprotected, names_of, networks_of
from api.auth.grants import Wanted, grant_of
from api.auth.principals import Role
from api.core import Core, open_core
from api.hive.bindings import hive as structs
from api.hive.client import Client
from api.hive.doors import from_networks, from_own_user
from api.services import Service, serving
from api.settings import Settings
from catalog.errors import InvalidInput
from catalog.model import Database
from engine.model import JOB
from tests.api.conftest import CommandLine


def opened(folder: Path, **settings: Any) -> Core:
    given = {"warm_jvms": 0, "java_archive": False} | settings
    return open_core(Settings(home=folder / "home", **given), "test")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 that vouches for itself, and its key."""
    folder, key = tmp_path_factory.mktemp("tls"), ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(*plain))
    return folder / "cert.pem", folder / "key.pem"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1", "isinglass.example"])
@pytest.mark.parametrize(
    ("settings", "why"),
    [({}, "without auth"), ({"behind_proxy": True}, "without auth"), ({"auth": "on"}, "without TLS")],
)
def test_a_service_others_could_reach_unprotected_does_not_start(
    tmp_path: Path, host: str, settings: dict[str, Any], why: str
) -> None:
    with pytest.raises(Unprotected, match=why), serving(opened(tmp_path, **settings), host, 0, 0):
        pass


def test_the_command_line_refuses_too(cli: CommandLine) -> None:
    told = cli.refusal("serve", "--host", "0.0.0.0", "--port", "0", "--hive-port", "0")
    assert told.startswith("isinglass: Isinglass does not listen on 0.0.0.0 without auth.")


def test_tls_is_spoken_by_the_certificate_and_runs_have_an_address_without_it(
    tmp_path: Path, certificate: tuple[Path, Path]
) -> None:
    core = opened(tmp_path, auth="on", tls_certificate=certificate[0], tls_key=certificate[1])
    _, secret = core.access.create_token(Wanted("ada", grant_of(Role.VIEWER)))
    trusted = ssl.create_default_context(cafile=str(certificate[0]))
    with serving(core, "127.0.0.1", 0, 0) as service, httpx.Client(verify=trusted) as client:
        assert service.endpoint.startswith("https://127.0.0.1:")
        asked = client.post(
            f"{service.endpoint}/graphql",
            json={"query": "{ __typename }"},
            headers={"Authorization": f"Bearer {secret}"},
        )
        assert asked.json() == {"data": {"__typename": "Query"}}
        for_runs = address_of_runs(service)
        assert for_runs.startswith("http://127.0.0.1:")
        assert client.post(f"{for_runs}/runs/jr_1/commit").status_code == 403
        assert client.post(f"{for_runs}/graphql", json={"query": "{ __typename }"}).status_code == 404


def address_of_runs(service: Service) -> str:
    jobs: Any = service.worker.executions[JOB]
    return str(jobs.endpoint)


def test_a_certificate_that_is_none_is_told_of(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    core = opened(tmp_path, auth="on", tls_certificate=certificate[0], tls_key=certificate[0])
    with pytest.raises(CertificateUnusable), serving(core, "127.0.0.1", 0, 0):
        pass
    with (
        pytest.raises(InvalidInput, match="go together"),
        serving(opened(tmp_path, tls_key=certificate[1]), "127.0.0.1", 0, 0),
    ):
        pass


def test_behind_a_proxy_the_service_answers_as_the_hosts_that_it_was_told(tmp_path: Path) -> None:
    core = opened(tmp_path, auth="on", behind_proxy=True, allowed_hosts="data.example, Data.Internal")
    with serving(core, "0.0.0.0", 0, 0) as service:
        health = service.endpoint.replace("0.0.0.0", "127.0.0.1") + "/health"
        answers = {host: httpx.get(health, headers={"Host": host}).status_code for host in HOSTS}
    assert answers == HOSTS
    assert "192.168.0.1" in names_of(core.settings, "192.168.0.1")


HOSTS = {"data.example": 200, "data.internal:443": 200, "127.0.0.1": 200, "evil.example": 403, "0.0.0.0": 403}


def test_with_auth_on_the_hive_port_is_for_this_machines_own_user(tmp_path: Path) -> None:
    core = opened(tmp_path, auth="on")
    with serving(core, "127.0.0.1", 0, 0) as service, hive(service.metastore_uri) as client:
        client.call("create_database", structs.Database(name="made"))
        assert core.catalog.get_database("made")
        told = [(each.principal, each.operation, each.resource) for each in core.access.list_audit().items]
    assert told == [("runs", "create_database", "service")]


@contextmanager
def hive(uri: str) -> Iterator[Client]:
    with Client(int(uri.rpartition(":")[2])) as client:
        yield client


@pytest.mark.parametrize(("role", "may_write"), [(Role.VIEWER, False), (Role.EDITOR, True)])
def test_named_networks_reach_the_hive_port_as_one_principal(tmp_path: Path, role: Role, may_write: bool) -> None:
    core = opened(tmp_path, auth="on", hive_networks="127.0.0.0/8", hive_role=role)
    core.catalog.create_database(Database("shop"))
    with free_port() as port, serving(core, "127.0.0.1", 0, port) as service, Client(port) as client:
        assert service.metastore_uri != f"thrift://127.0.0.1:{port}"
        client.call("set_ugi", "root", [])
        assert "shop" in client.call("get_all_databases")
        if may_write:
            client.call("drop_database", "shop", False, False)
        else:
            with pytest.raises(TException, match="hive may not edit"):
                client.call("drop_database", "shop", False, False)
        [event] = core.access.list_audit().items
    assert (event.principal, event.operation, event.allowed) == ("hive", "drop_database", may_write)


@contextmanager
def free_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    yield port


def test_clients_of_other_networks_are_not_taken(tmp_path: Path) -> None:
    core = opened(tmp_path, auth="on", hive_networks="10.0.0.0/8, fd00::/8")
    with (
        free_port() as port,
        serving(core, "127.0.0.1", 0, port),
        Client(port) as client,
        pytest.raises(ConnectionError),
    ):
        client.call("get_all_databases")
    with pytest.raises(InvalidInput, match="ISINGLASS_HIVE_NETWORKS"):
        networks_of(Settings(hive_networks="10.0.0.1/8"))


@pytest.mark.parametrize(
    ("address", "taken"),
    [("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("11.1.2.3", False), ("fd00::1", True), ("fe80::1%eth0", False)],
)
def test_a_network_is_told_by_its_addresses(address: str, taken: bool) -> None:
    class Peer:
        def getpeername(self) -> tuple[str, int]:
            return address, 1

    peer: Any = Peer()
    assert from_networks([ip_network("10.0.0.0/8"), ip_network("fd00::/8")])(peer) is taken


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_the_own_user_is_told_by_the_system(family: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(family) as client:
        host = "127.0.0.1" if family == socket.AF_INET else "::ffff:127.0.0.1"  # as Java connects
        client.connect((host, server.getsockname()[1]))
        peer, _ = server.accept()
        with peer:
            assert from_own_user(peer)
