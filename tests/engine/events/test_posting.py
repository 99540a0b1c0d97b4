"""Posting to a webhook over TLS, and to receivers that dawdle."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from engine.events import posting
from engine.events.webhook_targets import parse_target


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of `localhost` that nobody vouches for, with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "server.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM) + encoded)
    return tmp_path / "server.pem"


@contextmanager
def served(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port whose first connection `serve` is given."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            opened, _ = listener.accept()
            with opened:
                serve(opened)

        thread = threading.Thread(target=accept)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(30)


def by_tls(certificate: Path, heard: list[bytes]) -> Callable[[socket.socket], None]:
    def serve(opened: socket.socket) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        try:
            with context.wrap_socket(opened, server_side=True) as secured:
                heard.append(b"")
                while not heard[0].endswith(b"{}"):
                    heard[0] += secured.recv(65_536)
                secured.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        except ssl.SSLError as error:
            heard.append(str(error).encode())

    return serve


def test_a_certificate_that_is_vouched_for_is_taken(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    heard: list[bytes] = []
    with served(by_tls(certificate, heard)) as port:
        assert posting.post(parse_target(f"https://localhost:{port}/hook", ()), {"a": "b"}, b"{}") is None
    assert heard[0].startswith(f"POST /hook HTTP/1.1\r\nHost: localhost:{port}\r\n".encode())


@pytest.mark.parametrize(("host", "trusted"), [("localhost", False), ("127.0.0.1", True)])
def test_a_certificate_of_nobody_or_of_another_host_is_not_taken(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, host: str, trusted: bool
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    heard: list[bytes] = []
    with served(by_tls(certificate, heard)) as port:
        trouble = posting.post(parse_target(f"https://{host}:{port}/", ()), {}, b"secret")
    assert trouble is not None
    assert "its certificate is not good" in trouble
    assert b"secret" not in b"".join(heard)


def test_a_receiver_that_answers_a_byte_at_a_time_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "WHOLE_SECONDS", 0.5)
    over = threading.Event()

    def drip(opened: socket.socket) -> None:
        try:
            while not over.wait(0.02):
                opened.sendall(b"H")
        except OSError:
            return

    with served(drip) as port:
        trouble = posting.post(parse_target(f"http://127.0.0.1:{port}/", ()), {}, b"{}")
        over.set()
    assert trouble == "it did not answer in time"
