"""Schedules: AWS's six-field `cron(...)` and `rate(...)`, parsed, and the instants at which they are due; pure.

The syntax is that of AWS Glue's "Time-based schedules" and of EventBridge. Where these are silent the rule is ours: a
range may wrap (FRI-MON, 22-2) except in years, lists may hold any mix, and `LW` is a month's last weekday.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from catalog.errors import InvalidInput

LONGEST = 256
FIRST_YEAR, LAST_YEAR = 1970, 2199
_END = datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_SATURDAY = 7


@dataclass(frozen=True)
class Month:
    """All that tells one month's days from another's: its length, and the weekday of its first day (1 is Sunday)."""

    first: int
    length: int

    def weekday(self, day: int) -> int:
        return (self.first + day - 2) % 7 + 1

    def works(self, day: int) -> bool:
        """Whether it is Monday to Friday."""
        return 2 <= self.weekday(day) <= 6


@dataclass(frozen=True)
class Days:
    """Days of the month by their numbers."""

    numbers: frozenset[int]

    def among(self, month: Month) -> set[int]:
        return {day for day in self.numbers if day <= month.length}


@dataclass(frozen=True)
class LastDay:
    """`L`, or `L-n`: so many days before the month's last."""

    before: int

    def among(self, month: Month) -> set[int]:
        return {month.length - self.before} if month.length > self.before else set()


@dataclass(frozen=True)
class NearestWeekday:
    """`nW`: of Monday to Friday the nearest to day n in the same month; none in a month without a day n. None: `LW`."""

    day: int | None

    def among(self, month: Month) -> set[int]:
        day = self.day or month.length
        if day > month.length:
            return set()
        near = (day, day - 1, day + 1, day - 2, day + 2) if self.day else (day, day - 1, day - 2)
        return {next(each for each in near if 1 <= each <= month.length and month.works(each))}


@dataclass(frozen=True)
class Weekdays:
    """Days of the week by their numbers, 1 is Sunday."""

    numbers: frozenset[int]

    def among(self, month: Month) -> set[int]:
        return {day for day in range(1, month.length + 1) if month.weekday(day) in self.numbers}


@dataclass(frozen=True)
class NthWeekday:
    """`d#n`: the nth weekday d of a month; none where it has fewer. `dL`, its last, is n None."""

    number: int
    nth: int | None

    def among(self, month: Month) -> set[int]:
        days = sorted(Weekdays(frozenset({self.number})).among(month))
        return set(days[-1:] if self.nth is None else days[self.nth - 1 : self.nth])


DayRule = Days | LastDay | NearestWeekday | Weekdays | NthWeekday


@dataclass(frozen=True)
class Cron:
    """The values of each field in ascending order; `days` are the rules of whichever field of days is not `?`."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[DayRule, ...]
    months: tuple[int, ...]
    years: tuple[int, ...]


@dataclass(frozen=True)
class Rate:
    """Every so often, counted from when the schedule was set; a day is 24 hours, in every zone."""

    interval: timedelta


Schedule = Cron | Rate


def next_instant(schedule: Schedule, after: datetime, since: datetime, zone: tzinfo = UTC) -> datetime | None:
    """The first instant, in UTC, that is later than both `after` and `since`; None if there is none until 2199.

    `since` is when the schedule was set: a rate counts from it. A cron is read as the wall clock of `zone`: a time
    that the clock skips is skipped, one that it shows twice counts once, the first time (EventBridge's rule).
    """
    after, since = after.astimezone(UTC), since.astimezone(UTC)  # sums in another zone would be of its wall clock
    if isinstance(schedule, Rate):
        return _next_of_rate(schedule, after, since)
    after = max(after, since)
    wall: datetime | None = after.astimezone(zone).replace(tzinfo=None)
    while wall and (wall := _next_wall(schedule, wall)):
        at = wall.replace(tzinfo=zone).astimezone(UTC)
        if at > after and at.astimezone(zone).replace(tzinfo=None) == wall:
            return at
    return None


def next_instants(
    schedule: Schedule, after: datetime, since: datetime, count: int, zone: tzinfo = UTC
) -> tuple[datetime, ...]:
    """The next `count` instants; fewer if the schedule ends."""
    found: list[datetime] = []
    while len(found) < count and (at := next_instant(schedule, after, since, zone)):
        found.append(at)
        after = at
    return tuple(found)


def _next_of_rate(rate: Rate, after: datetime, since: datetime) -> datetime | None:
    passed = max(0, (after - since) // rate.interval)
    ahead = (passed + 1) * rate.interval
    return since + ahead if ahead < _END - since else None


def _next_wall(cron: Cron, after: datetime) -> datetime | None:
    """The first minute of the wall clock later than `after`."""
    if after.year > LAST_YEAR:
        return None
    start = after.replace(second=0, microsecond=0) + _MINUTE
    begun = (start.year, start.month, start.day)
    for day in _days_from(cron, begun):
        at = _next_time(cron, start.hour, start.minute) if day == begun else (cron.hours[0], cron.minutes[0])
        if at:
            return datetime(*day, *at)  # noqa: DTZ001 (a wall clock's time: next_instant knows its zone)
    return None


def _days_from(cron: Cron, begun: tuple[int, int, int]) -> Iterator[tuple[int, int, int]]:
    for year in cron.years[bisect_left(cron.years, begun[0]) :]:
        for month in cron.months:
            if (year, month) >= begun[:2]:
                first, length = monthrange(year, month)
                for day in _days_of(cron.days, Month((first + 1) % 7 + 1, length)):
                    if (year, month, day) >= begun:
                        yield year, month, day


@lru_cache(maxsize=4096)  # there are but 28 different months
def _days_of(rules: tuple[DayRule, ...], month: Month) -> tuple[int, ...]:
    return tuple(sorted(set[int]().union(*(rule.among(month) for rule in rules))))


def _next_time(cron: Cron, hour: int, minute: int) -> tuple[int, int] | None:
    """The first time of the day that is not before the one given."""
    if hour in cron.hours:
        later = next((each for each in cron.minutes if each >= minute), None)
        if later is not None:
            return hour, later
    following = next((each for each in cron.hours if each > hour), None)
    return None if following is None else (following, cron.minutes[0])


@dataclass(frozen=True)
class _Field:
    """What a field takes; `names` stand for the numbers from `low` on."""

    name: str
    low: int
    high: int
    signs: str = ", - * /"
    names: tuple[str, ...] = ()

    @property
    def takes(self) -> str:
        names = f" or {self.names[0]}-{self.names[-1]}" if self.names else ""
        return f"{self.name} takes {self.low}-{self.high}{names} (signs: {self.signs})"


_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MINUTES = _Field("minute", 0, 59)
_HOURS = _Field("hour", 0, 23)
_DAY_OF_MONTH = _Field("day of month", 1, 31, ", - * ? / L W")
_MONTH = _Field("month", 1, 12, names=_MONTHS)
_DAY_OF_WEEK = _Field("day of week", 1, 7, ", - * ? / L #", _WEEKDAYS)
_YEAR = _Field("year", FIRST_YEAR, LAST_YEAR)
_FIELDS = (_MINUTES, _HOURS, _DAY_OF_MONTH, _MONTH, _DAY_OF_WEEK, _YEAR)

_SCHEDULE = re.compile(r"(cron|rate)\((.*)\)")
_RATE = re.compile(r"0*([1-9][0-9]{0,5}) +(minute|hour|day)s?")
_PLAIN = re.compile(r"(?:\*|([0-9]{1,4}|[A-Z]{3})(?:-([0-9]{1,4}|[A-Z]{3}))?)(?:/([0-9]{1,4}))?")
_LAST_DAY = re.compile(r"L(?:-([0-9]{1,2}))?")
_NEAREST = re.compile(r"([0-9]{1,2})W")
_LAST_WEEKDAY = re.compile(r"([0-9]|[A-Z]{3})L")
_NTH_WEEKDAY = re.compile(r"([0-9]|[A-Z]{3})#([1-5])")


@lru_cache(maxsize=4096)
def parse(text: str) -> Schedule:
    """`cron(...)` or `rate(...)` as a value. Raises InvalidInput, which names the field and what it takes."""
    if len(text) > LONGEST:
        raise InvalidInput(what="the schedule", why=f"it is longer than {LONGEST} characters.")
    found = _SCHEDULE.fullmatch(text.strip())
    if found is None:
        raise _refused(text, "it is written cron(minutes hours day-of-month month day-of-week year) or rate(n unit)")
    return _parse_cron(text, found[2].upper().split()) if found[1] == "cron" else _parse_rate(text, found[2].strip())


def _parse_rate(text: str, body: str) -> Rate:
    found = _RATE.fullmatch(body)
    if found is None:
        raise _refused(text, "a rate takes a number from 1 to 999999 and minutes, hours or days, as in rate(5 minutes)")
    return Rate(timedelta(**{f"{found[2]}s": int(found[1])}))


def _parse_cron(text: str, fields: list[str]) -> Cron:
    if len(fields) != len(_FIELDS):
        names = ", ".join(field.name for field in _FIELDS)
        raise _refused(text, f"cron takes {len(_FIELDS)} fields ({names}), not {len(fields)}")
    minutes, hours, of_month, months, of_week, years = fields
    if (of_month == "?") == (of_week == "?"):
        raise _refused(text, "of day of month and day of week exactly one is ?")
    try:
        days = _rules(_DAY_OF_WEEK, of_week, _week_rule) if of_month == "?" else _rules(_DAY_OF_MONTH, of_month, _rule)
        return Cron(
            _values(_MINUTES, minutes), _values(_HOURS, hours), days, _values(_MONTH, months), _values(_YEAR, years)
        )
    except _Unfit as unfit:
        raise _refused(text, f"{unfit.field.takes}, not {unfit.item!r}") from None


def _refused(text: str, why: str) -> InvalidInput:
    return InvalidInput(what=f"schedule {text!r}", why=f"{why}.")


class _Unfit(Exception):
    """An item that its field does not take."""

    def __init__(self, field: _Field, item: str) -> None:
        self.field = field
        self.item = item


def _values(field: _Field, text: str) -> tuple[int, ...]:
    return tuple(sorted(set[int]().union(*(_span(field, item) for item in text.split(",")))))


def _rules(field: _Field, text: str, rule: Callable[[_Field, str], DayRule]) -> tuple[DayRule, ...]:
    return tuple(rule(field, item) for item in text.split(","))


def _rule(field: _Field, item: str) -> DayRule:
    if item == "LW":
        return NearestWeekday(None)
    if found := _LAST_DAY.fullmatch(item):
        before = int(found[1] or 0)
        if before >= field.high:
            raise _Unfit(field, item)
        return LastDay(before)
    if found := _NEAREST.fullmatch(item):
        return NearestWeekday(_number(field, item, found[1]))
    return Days(frozenset(_span(field, item)))


def _week_rule(field: _Field, item: str) -> DayRule:
    if item == "L":  # alone it is the week's last day
        return Weekdays(frozenset({_SATURDAY}))
    if found := _LAST_WEEKDAY.fullmatch(item):
        return NthWeekday(_number(field, item, found[1]), None)
    if found := _NTH_WEEKDAY.fullmatch(item):
        return NthWeekday(_number(field, item, found[1]), int(found[2]))
    return Weekdays(frozenset(_span(field, item)))


def _span(field: _Field, item: str) -> list[int]:
    """The values of `*`, `a` or `a-b`, each with or without `/n`; `a/n` goes on to the field's end."""
    found = _PLAIN.fullmatch(item)
    if found is None:
        raise _Unfit(field, item)
    step = int(found[3] or 1)
    first = _number(field, item, found[1]) if found[1] else field.low
    last = _number(field, item, found[2]) if found[2] else first if found[1] and not found[3] else field.high
    if not 1 <= step <= field.high - field.low + 1 or (first > last and field is _YEAR):
        raise _Unfit(field, item)
    wraps = first > last
    span = [*range(first, field.high + 1), *range(field.low, last + 1)] if wraps else range(first, last + 1)
    return list(span[::step])


def _number(field: _Field, item: str, text: str) -> int:
    number = field.names.index(text) + field.low if text in field.names else int(text) if text.isdigit() else -1
    if not field.low <= number <= field.high:
        raise _Unfit(field, item)
    return number
