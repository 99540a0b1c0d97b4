"""Where webhooks may lead."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from catalog.errors import InvalidInput
from engine.errors import WebhookTargetRefused
from engine.events import posting
from engine.events.webhook_targets import Target, parse_target, resolve


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://hooks.example", Target(True, "hooks.example", 443, "/")),
        ("http://Hooks.Example:8080/a/b?c=d#e", Target(False, "hooks.example", 8080, "/a/b?c=d")),
        ("http://127.0.0.1/x", Target(False, "127.0.0.1", 80, "/x")),
        ("http://10.1.2.3/", Target(False, "10.1.2.3", 80, "/")),
        ("http://[::1]:9/", Target(False, "::1", 9, "/")),
        ("https://93.184.215.14/", Target(True, "93.184.215.14", 443, "/")),
    ],
)
def test_a_url_is_taken_apart(url: str, target: Target) -> None:
    assert parse_target(url, ()) == target


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example",
        "ftp://hooks.example/",
        "file:///etc/passwd",
        "https://",
        "https://:443/",
        "https://hooks..example/",
        "https://.hooks.example/",
        "https://" + "a" * 64 + ".example/",
        "https://hooks.example:0/",
        "https://hooks.example:99999/",
        "https://[::1/",
        "https://ada:hunter2@hooks.example/",
        "https://ada@hooks.example/",
        "https://hooks.example/?token=hunter2",
        "https://hooks.example/a b",
        "https://hooks.example/\r\nx: y",
        "https://hooks.example\\@10.0.0.1/",
        "https://hööks.example/",
        "https://hooks.example/" + "a" * 2_000,
    ],
)
def test_what_is_no_url_of_a_webhook_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_target(url, ())
    assert "hunter2" not in str(refused.value)


LINK = ("169.254.169.254", "[::ffff:169.254.169.254]", "[fe80::1]", "[fd00:ec2::254]", "[64:ff9b::a9fe:a9fe]")
CLOUDS = ("[2002:a9fe:a9fe::1]", "100.100.100.200", "168.63.129.16")
NOBODY = ("0.0.0.0", "[::]", "224.0.0.1", "[ff02::1]", "255.255.255.255")


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", [*LINK, *CLOUDS, *NOBODY])
def test_addresses_of_the_link_of_metadata_and_of_nobody_are_refused(scheme: str, host: str) -> None:
    with pytest.raises(WebhookTargetRefused):
        parse_target(f"{scheme}://{host}/latest/meta-data", ())


def test_the_open_internet_is_told_by_tls_alone() -> None:
    with pytest.raises(WebhookTargetRefused, match="use https"):
        parse_target("http://93.184.215.14/", ())


@pytest.mark.parametrize("host", ["2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518"])
def test_an_address_in_disguise_is_refused_when_it_is_resolved(host: str) -> None:
    with pytest.raises(WebhookTargetRefused, match=r"169\.254\.169\.254"):
        resolve(parse_target(f"http://{host}/", ()))


def test_hosts_that_are_allowed_by_name_are_all_there_are() -> None:
    allowed = ("hooks.example", "*.corp.example")
    for host in ("hooks.example", "HOOKS.example", "a.corp.example", "a.b.corp.example"):
        parse_target(f"https://{host}/", allowed)
    for host in ("corp.example", "evilcorp.example", "hooks.example.evil.example", "10.0.0.1"):
        with pytest.raises(WebhookTargetRefused, match="ISINGLASS_WEBHOOK_HOSTS"):
            parse_target(f"https://{host}/", allowed)
    with pytest.raises(WebhookTargetRefused, match="metadata"):
        parse_target("https://169.254.169.254/", ("169.254.169.254",))


def test_a_name_is_resolved_once_and_each_of_its_addresses_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(*addresses: str) -> Any:
        def resolving(host: str, port: int, **_rest: object) -> list[tuple[Any, ...]]:
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

        return resolving

    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://rebinding.example:{listener.getsockname()[1]}/"
        monkeypatch.setattr(socket, "getaddrinfo", answer("127.0.0.1", "169.254.169.254"))
        trouble = posting.post(parse_target(url, ()), {}, b"{}")
        assert trouble is not None
        assert "169.254.169.254" in trouble
        monkeypatch.setattr(socket, "getaddrinfo", answer("127.0.0.1"))
        monkeypatch.setattr(posting, "STEP_SECONDS", 0.1)
        assert posting.post(parse_target(url, ()), {}, b"{}") == "it did not answer in time"
        opened, _ = listener.accept()
        assert opened.recv(4_096).startswith(b"POST / HTTP/1.1\r\nHost: rebinding.example")
        opened.close()
    assert asked == ["rebinding.example"] * 2
