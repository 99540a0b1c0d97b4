"""Grok patterns, and the log formats that are built on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawlers.errors import BadPattern, Unreadable
from crawlers.formats import Finding, Rejected, Schema
from crawlers.formats.grok import LOGS, Log, storage
from crawlers.grok import compiled, read_custom
from crawlers.grok_patterns import PATTERNS
from crawlers.recognition import layout
from tests.crawlers.examining import columns, examine, found

SECONDS = 5.0


@pytest.mark.parametrize("name", PATTERNS)
def test_every_pattern_of_the_library_compiles(name: str) -> None:
    assert compiled(f"%{{{name}}}").expression.pattern


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("IPV4", "192.168.0.255"),
        ("IPV6", "fe80::1ff:fe23:4567:890a"),
        ("IPV6", "::1"),
        ("MAC", "00:1a:2B:3c:4d:5e"),
        ("UUID", "8c2a3f2e-0f6a-4c43-9d5e-2f3a1b4c5d6e"),
        ("EMAILADDRESS", "some.body+tag@example.org"),
        ("NUMBER", "-12.5"),
        ("BASE16NUM", "0xfF"),
        ("QS", r'"a \"b\" c"'),
        ("TIMESTAMP_ISO8601", "2024-01-02T03:04:05.678+01:00"),
        ("HTTPDATE", "10/Oct/2000:13:55:36 -0700"),
        ("SYSLOGTIMESTAMP", "Jan  2 03:04:05"),
        ("URI", "https://me@example.org:8080/a/b?c=d"),
        ("WINPATH", r"C:\a\b.txt"),
        ("UNIXPATH", "/usr/local/lib"),
        ("LOGLEVEL", "WARN"),
        ("JAVASTACKTRACEPART", "   at a.b.C.run(C.java:12)"),
        ("DATESTAMP_RFC2822", "Tue, 2 Jan 2024 03:04:05 +0100"),
    ],
)
def test_a_pattern_matches_what_it_is_named_after(name: str, text: str) -> None:
    match = compiled(f"^%{{{name}:it}}$").match(text, SECONDS)
    assert match is not None
    assert match["it"] == text


@pytest.mark.parametrize(("name", "text"), [("IPV4", "1.2.3.256"), ("HOUR", "24"), ("UUID", "8c2a3f2e"), ("INT", "x")])
def test_a_pattern_does_not_match_what_is_something_else(name: str, text: str) -> None:
    assert compiled(f"^%{{{name}}}$").match(text, SECONDS) is None


def test_fields_have_types_and_an_unwanted_one_is_dropped() -> None:
    grok = compiled("%{INT:id:long} %{WORD:UNWANTED} (?<rest>.*) %{NUMBER:share:double}")
    assert [(name, str(kind)) for name, kind in grok.fields] == [
        ("id", "bigint"),
        ("rest", "string"),
        ("share", "double"),
    ]
    assert grok.match("7 x some text 2.5", SECONDS) == {"id": "7", "rest": "some text", "share": "2.5"}


def test_a_field_named_in_two_alternatives_is_one() -> None:
    grok = compiled("(?:a %{INT:n:int}|b %{WORD:n})")
    assert [(name, str(kind)) for name, kind in grok.fields] == [("n", "int")]
    assert grok.match("b x", SECONDS) == {"n": "x"}


def test_custom_patterns_go_before_those_of_the_library() -> None:
    assert read_custom("# a comment\nWORD x+\n\nPAIR %{WORD:one}-%{WORD:two}\n") == {
        "WORD": "x+",
        "PAIR": "%{WORD:one}-%{WORD:two}",
    }
    grok = compiled("%{PAIR}", "WORD x+\nPAIR %{WORD:one}-%{WORD:two}")
    assert grok.match("xx-x", SECONDS) == {"one": "xx", "two": "x"}
    assert grok.match("a-b", SECONDS) is None


@pytest.mark.parametrize(
    ("pattern", "custom", "why"),
    [
        ("%{NOTHING:x}", "", "no pattern NOTHING"),
        ("%{INT:x:integer}", "", "integer is no type"),
        ("(%{INT:x}", "", "no regular expression"),
        ("%{A}", "A %{B}\nB %{A}", "refers to itself"),
        ("%{A}", "A", "a name, a space and"),
        ("x" * 2_049, "", "more than 2048 characters"),
        ("%{A}", "A " + "x" * 16_000, "more than 16000 characters"),
    ],
)
def test_a_pattern_that_cannot_be_used_says_why(pattern: str, custom: str, why: str) -> None:
    with pytest.raises(BadPattern, match=why):
        compiled(pattern, custom)


def test_a_pattern_that_grows_without_end_is_refused() -> None:
    custom = "A0 " + "x" * 100 + "\n" + "\n".join(f"A{n} " + f"%{{A{n - 1}}}" * 10 for n in range(1, 8))
    with pytest.raises(BadPattern, match="expands to more"):
        compiled("%{A7}", custom)


def test_a_pattern_that_takes_too_long_for_a_line_is_reported(tmp_path: Path) -> None:
    slow = Log("slow", "^(?:(?:a+)+)+b$")
    with pytest.raises(TimeoutError):
        slow.grok.match("a" * 5_000, 0.05)
    with pytest.raises(Unreadable, match="takes more than"):
        slow.matches("a" * 5_000)


LINES = {
    "combined_apache": b'1.2.3.4 - bob [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326 "http://x/" "Moz (X)"',
    "apache": b'::1 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 304 -',
    "linux_kernel": b"Jan  2 03:04:05 host kernel: [    0.000000] Linux version 6.1",
    "microsoft_log": b"10.0.0.1, -, 03/20/01, 7:55:20, W3SVC2, SALES1, 10.0.0.2, 45, 163, 32, 200, 0, GET, /a.gif, -,",
    "ruby_logger": b"I, [2024-01-02T03:04:05.678901 #123]  INFO -- app: it goes on",
    "squid": b"1286536309.450    915 10.0.0.1 TCP_MISS/200 10182 GET http://x.org/ - DIRECT/1.2.3.4 text/html",
    "redismonlog": b'1339518083.107412 [0 127.0.0.1:60866] "keys" "*"',
    "redislog": b"[4018] 14 Nov 07:01:22.119 * Background saving terminated with success",
}


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.classification)
def test_each_log_format_is_told_and_its_table_carries_its_pattern(log: Log, tmp_path: Path) -> None:
    line = LINES[log.classification]
    finding = found(tmp_path, b"\n".join([line] * 10) + b"\n")
    assert (finding.schema.classification, finding.records) == (log.classification, 10)
    assert all(kind == "string" for kind in columns(finding).values())
    made = layout(finding.schema)
    assert made.serde == "com.amazonaws.glue.serde.GrokSerDe"
    assert made.serde_parameters == {"input.format": log.pattern}


@pytest.mark.parametrize(
    ("line", "classification"),
    [
        (b"[    1.234567] usb 1-1: new device", "linux_kernel"),
        (b"2024-01-02 03:04:05 10.0.0.1 GET /x - 80 - 1.2.3.4 Mozilla/5.0+(W) - 200 0 0 15", "microsoft_log"),
        (b"1:M 01 Jan 2024 00:00:00.000 # Server initialized", "redislog"),
    ],
)
def test_other_spellings_of_a_log_are_told_too(line: bytes, classification: str, tmp_path: Path) -> None:
    assert found(tmp_path, b"#Software: x\n" + b"\n".join([line] * 3)).schema.classification == classification


def test_nine_lines_in_ten_have_to_match(tmp_path: Path) -> None:
    line, other = LINES["apache"], b"\n\tat some.java.Class"
    finding = examine(tmp_path, b"\n".join([line] * 9) + other)
    assert isinstance(finding, Finding)
    assert finding.notes == ("1 of 10 sampled lines do not match its pattern",)
    assert isinstance(examine(tmp_path, b"\n".join([line] * 8) + other * 2), Rejected)


def test_custom_patterns_stand_on_the_table() -> None:
    traits = (("classification", "mine"), ("pattern", "%{LINE}"), ("custom patterns", "LINE %{INT:n:int}"))
    assert storage(Schema("grok", traits, ())).serde_parameters == {
        "input.format": "%{LINE}",
        "input.grokCustomPatterns": "LINE %{INT:n:int}",
    }
