"""Lines that a grok pattern takes apart: log formats, built in or a classifier's own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from time import perf_counter

from crawlers.errors import Unreadable
from crawlers.formats import TEXT_INPUT, TEXT_OUTPUT, Field, Finding, Head, Layout, Options, Rejected, Schema
from crawlers.grok import Grok, compiled

NAME = "grok"
_SHARE = 0.9  # of the sampled lines must match
_LINES = 200
_ABOVE = 20  # the most comments above the first line
_SECONDS = 0.2  # for one line
_SECONDS_A_FILE = 3.0
_LONGEST_LINE = 64 * 1024
_CAVEAT = "only readers with Glue's GrokSerDe read it; Spark comes without"


@dataclass(frozen=True)
class Log:
    """A format of lines: what its tables are classified as, its pattern, and patterns of its own, one a line."""

    classification: str
    pattern: str
    custom: str = ""

    @cached_property
    def grok(self) -> Grok:
        return compiled(self.pattern, self.custom)

    def examine(self, head: Head, _options: Options) -> Finding | Rejected:
        """It is, if at least 90% of the first lines match, and the first does. Raises Unreadable if that takes long."""
        lines = _lines(head, 1)
        if not lines or not self.matches(lines[0]):
            return Rejected(f"its first line is not of the log format {self.classification}")
        return self.judged(head, _lines(head, _LINES))

    def judged(self, head: Head, lines: list[str], seconds: float = _SECONDS_A_FILE) -> Finding | Rejected:
        """As `examine`, whatever the first line is. Raises Unreadable if a line takes long, or all take `seconds`."""
        until = perf_counter() + seconds
        matching = 0
        for line in lines:
            matching += self.matches(line)
            if perf_counter() > until:
                why = f"the pattern of {self.classification} takes more than {seconds} s for its first lines"
                raise Unreadable(why=why)
        if not lines or not self.grok.fields:
            return Rejected("it has no whole line" if not lines else "the pattern names no field")
        if matching < _SHARE * len(lines):
            return Rejected(f"only {matching} of {len(lines)} lines are of the log format {self.classification}")
        traits = [("classification", self.classification), ("pattern", self.pattern)]
        if self.custom:
            traits.append(("custom patterns", self.custom))
        fields = tuple(Field(name, kind) for name, kind in self.grok.fields)
        rest = len(lines) - matching
        notes = (f"{rest} of {len(lines)} sampled lines do not match its pattern",) if rest else ()
        records = head.data.count(b"\n") + (head.whole and not head.data.endswith(b"\n"))
        return Finding(Schema(NAME, tuple(traits), fields), records, head.stored, notes)

    def first_rows(self, lines: list[str], limit: int) -> list[tuple[str | None, ...]]:
        """The fields of the first lines that match. Raises TimeoutError."""
        matched = (self.grok.match(line, _SECONDS) for line in lines)
        values = islice((found for found in matched if found is not None), limit)
        return [tuple(found.get(name) for name, _ in self.grok.fields) for found in values]

    def first_unmatched(self, lines: list[str]) -> tuple[int, int] | None:
        """The place of the first line that does not match, and how far the pattern goes along with it.

        Raises TimeoutError.
        """
        place = next((place for place, line in enumerate(lines) if self.grok.match(line, _SECONDS) is None), None)
        return None if place is None else (place, self.grok.reach(lines[place], _SECONDS))

    def matches(self, line: str) -> bool:
        try:
            return self.grok.match(line, _SECONDS) is not None
        except TimeoutError as error:
            why = f"the pattern of {self.classification} takes more than {_SECONDS} s for one of its lines"
            raise Unreadable(why=why) from error


def sampled(head: Head) -> list[str]:
    """The first lines with something in them, comments too."""
    return _lines(head, _LINES, comments=True)


def _lines(head: Head, most: int, comments: bool = False) -> list[str]:
    """The first lines with something in them; comments, which servers write above each log, are none."""
    data = head.data if head.whole else head.data[: head.data.rfind(b"\n") + 1]
    found: list[str] = []
    for line in data.split(b"\n") if most > 1 else data.split(b"\n", _ABOVE):
        if line and not line.isspace() and (comments or not line.startswith(b"#")):
            found.append(line[:_LONGEST_LINE].decode("utf-8", errors="replace").rstrip("\r"))
            if len(found) == most:
                break
    return found


# Glue's names and order.
LOGS = (
    Log("combined_apache", "%{COMBINEDAPACHELOG}"),
    Log("apache", "%{COMMONAPACHELOG}"),
    Log("linux_kernel", "%{KERNELLOG}"),
    Log("microsoft_log", "%{MICROSOFTLOG}"),
    Log("ruby_logger", "%{RUBY_LOGGER}"),
    Log("squid", "%{SQUID3}"),
    Log("redismonlog", "%{REDISMONLOG}"),
    Log("redislog", "%{REDISLOG}"),
)


def examine(head: Head, options: Options) -> Finding | Rejected:
    """The first of the built-in log formats that the lines are of."""
    lines = _lines(head, 1)
    for log in LOGS:
        if lines and log.matches(lines[0]):
            answer = log.examine(head, options)
            if isinstance(answer, Finding):
                return answer
    return Rejected("its first line is not of a known log format")


def conflict(_a: Schema, _b: Schema) -> str | None:
    """Lines of one pattern, which is a trait, are of one table."""
    return None


def storage(schema: Schema) -> Layout:
    settings = {"input.format": schema.trait("pattern")}
    if schema.trait("custom patterns"):
        settings["input.grokCustomPatterns"] = schema.trait("custom patterns")
    return Layout(TEXT_INPUT, TEXT_OUTPUT, "com.amazonaws.glue.serde.GrokSerDe", settings, caveat=_CAVEAT)
