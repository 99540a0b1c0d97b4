"""Schedules: the syntax of AWS's cron and rate expressions, and their instants."""

from __future__ import annotations

import time
from calendar import monthrange
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from pyawscron import AWSCron

from catalog.errors import InvalidInput
from engine.flows import cron

SUNDAY = "2026-11-22 13:07"  # what the tables count from
MINUTE = timedelta(minutes=1)
BERLIN = ZoneInfo(
    "Europe/Berlin"
)  # 2026: 02:00 to 03:00 is left out on 29 March, 02:00 to 03:00 comes twice on 25 October
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # its clock is moved by half an hour
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


def at(text: str, zone: tzinfo = UTC) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def instants(text: str, after: str, count: int, zone: tzinfo = UTC) -> list[str]:
    found = cron.next_instants(cron.parse(text), at(after), at("2000-01-01"), count, zone)
    assert all(instant.tzinfo is UTC for instant in found)
    return [f"{instant:%Y-%m-%d %H:%M}" for instant in found]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("* * * * ? *", ["2026-11-22 13:08", "2026-11-22 13:09"]),
        ("15 12 * * ? *", ["2026-11-23 12:15", "2026-11-24 12:15"]),
        ("7 13 * * ? *", ["2026-11-23 13:07"]),
        ("0/15 * * * ? *", ["2026-11-22 13:15", "2026-11-22 13:30", "2026-11-22 13:45", "2026-11-22 14:00"]),
        ("1/10 * * * ? *", ["2026-11-22 13:11", "2026-11-22 13:21"]),
        ("*/20 22-1 * * ? *", ["2026-11-22 22:00", "2026-11-22 22:20"]),
        ("5,35 14 ? * MON-FRI *", ["2026-11-23 14:05", "2026-11-23 14:35", "2026-11-24 14:05"]),
        ("0 18 ? * MON-FRI *", ["2026-11-23 18:00", "2026-11-24 18:00"]),
        ("0 8 1 * ? *", ["2026-12-01 08:00", "2027-01-01 08:00"]),
        ("0 8 1 JAN,jul ? *", ["2027-01-01 08:00", "2027-07-01 08:00"]),
        ("0 8 1 3/4 ? *", ["2027-03-01 08:00", "2027-07-01 08:00", "2027-11-01 08:00", "2028-03-01 08:00"]),
        ("0 0 31 * ? *", ["2026-12-31 00:00", "2027-01-31 00:00", "2027-03-31 00:00"]),
        ("0 0 29 2 ? *", ["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("0 0 29 FEB ? 2097-2110", ["2104-02-29 00:00", "2108-02-29 00:00"]),
        ("0 0 1 1 ? 2199", ["2199-01-01 00:00"]),
        ("0 0 1 1 ? 1970", []),
        ("0 0 1 1 ? 2030/10", ["2030-01-01 00:00", "2040-01-01 00:00"]),
        ("0 0 L * ? *", ["2026-11-30 00:00", "2026-12-31 00:00", "2027-01-31 00:00", "2027-02-28 00:00"]),
        ("0 0 L 2 ? *", ["2027-02-28 00:00", "2028-02-29 00:00"]),
        ("0 0 L-2 * ? *", ["2026-11-28 00:00", "2026-12-29 00:00"]),
        ("0 0 L-29 2 ? *", []),
        ("0 9 15W * ? 2027", ["2027-01-15 09:00", "2027-02-15 09:00", "2027-03-15 09:00", "2027-04-15 09:00"]),
        ("0 9 15W 5,8 ? *", ["2027-05-14 09:00", "2027-08-16 09:00"]),  # a Saturday, a Sunday
        ("0 9 1W 5,8 ? *", ["2027-05-03 09:00", "2027-08-02 09:00"]),  # never back into April
        ("0 9 31W * ? *", ["2026-12-31 09:00", "2027-01-29 09:00", "2027-03-31 09:00"]),  # never on into February
        ("0 9 LW * ? *", ["2026-11-30 09:00", "2026-12-31 09:00", "2027-01-29 09:00", "2027-02-26 09:00"]),
        ("0 9 LW 5 ? *", ["2027-05-31 09:00", "2028-05-31 09:00"]),
        ("0 9 1,L * ? *", ["2026-11-30 09:00", "2026-12-01 09:00", "2026-12-31 09:00"]),
        ("0 9 28-2 * ? *", ["2026-11-28 09:00", "2026-11-29 09:00", "2026-11-30 09:00", "2026-12-01 09:00"]),
        ("0 9 ? * 1 *", ["2026-11-29 09:00"]),
        ("0 9 ? * 7 *", ["2026-11-28 09:00"]),
        ("0 9 ? * L *", ["2026-11-28 09:00", "2026-12-05 09:00"]),
        ("0 9 ? * FRI-MON *", ["2026-11-23 09:00", "2026-11-27 09:00", "2026-11-28 09:00", "2026-11-29 09:00"]),
        ("0 9 ? * 2/2 *", ["2026-11-23 09:00", "2026-11-25 09:00", "2026-11-27 09:00", "2026-11-30 09:00"]),
        ("0 9 ? * 2#1 *", ["2026-12-07 09:00", "2027-01-04 09:00"]),
        ("0 9 ? * SUN#5 *", ["2026-11-29 09:00", "2027-01-31 09:00", "2027-05-30 09:00"]),
        ("0 9 ? * 6L *", ["2026-11-27 09:00", "2026-12-25 09:00", "2027-01-29 09:00"]),
        ("0 9 ? * TUE#2,MONL *", ["2026-11-30 09:00", "2026-12-08 09:00", "2026-12-28 09:00"]),
    ],
)
def test_a_cron_is_due_when_the_calendar_says(fields: str, expected: list[str]) -> None:
    assert instants(f"cron({fields})", SUNDAY, max(1, len(expected))) == expected


@pytest.mark.parametrize(
    "fields",
    ["0 0 31 2 ? *", "0 0 30W 2 ? *", "59 23 31 4,6,9,11 ? *", "0 0 29 2 ? 2027", "* * L-30 2 ? *", "* * * * ? 2020"],
)
def test_a_cron_that_never_fires_says_so_at_once(fields: str) -> None:
    schedule = cron.parse(f"cron({fields})")
    began = time.perf_counter()
    assert cron.next_instant(schedule, at(SUNDAY), at(SUNDAY)) is None
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize(
    ("fields", "zone", "after", "expected"),
    [
        ("30 9 * * ? *", BERLIN, "2026-03-28 00:00", ["2026-03-28 08:30", "2026-03-29 07:30"]),
        ("30 2 * * ? *", BERLIN, "2026-03-28 00:00", ["2026-03-28 01:30", "2026-03-30 00:30"]),  # 02:30 is left out
        ("0 3 * * ? *", BERLIN, "2026-03-29 00:00", ["2026-03-29 01:00"]),
        ("30 2 * * ? *", BERLIN, "2026-10-24 12:00", ["2026-10-25 00:30", "2026-10-26 01:30"]),  # 02:30 comes twice
        ("30 2 * * ? *", BERLIN, "2026-10-25 00:45", ["2026-10-26 01:30"]),
        ("15,45 2 * * ? *", BERLIN, "2026-10-25 01:30", ["2026-10-26 01:15"]),  # from within the second 02:30
        ("0 * * * ? *", BERLIN, "2026-10-24 23:30", ["2026-10-25 00:00", "2026-10-25 02:00"]),
        ("0 * * * ? *", BERLIN, "2026-03-29 00:30", ["2026-03-29 01:00", "2026-03-29 02:00"]),
        ("10 2 * * ? *", LORD_HOWE, "2026-10-02 00:00", ["2026-10-02 15:40", "2026-10-04 15:10"]),
        ("40 1 5 4 ? *", LORD_HOWE, "2026-04-01 00:00", ["2026-04-04 14:40"]),
        ("0 0 1 1 ? *", ZoneInfo("Pacific/Kiritimati"), "2026-06-01 00:00", ["2026-12-31 10:00"]),
        ("0 12 30 12 ? 2011,2012", ZoneInfo("Pacific/Apia"), "2011-12-01 00:00", ["2012-12-29 22:00"]),  # a lost day
    ],
)
def test_a_cron_of_a_zone_follows_its_clock(fields: str, zone: tzinfo, after: str, expected: list[str]) -> None:
    assert instants(f"cron({fields})", after, len(expected), zone) == expected


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("rate(5 minutes)", "2026-11-22 13:00:30", "2026-11-22 13:05:30"),
        ("rate(1 minute)", "2026-11-22 13:01:29", "2026-11-22 13:01:30"),
        ("rate(1 minute)", "2026-11-22 13:01:30", "2026-11-22 13:02:30"),
        ("rate(12 hours)", "2026-11-22 02:00", "2026-11-23 01:00:30"),
        ("rate(1 day)", "2026-12-31 20:00", "2027-01-01 13:00:30"),
        ("rate( 007  days )", "2026-11-22 13:30", "2026-11-29 13:00:30"),
        ("rate(999999 days)", "2026-11-22 13:30", None),
    ],
)
def test_a_rate_counts_from_when_it_was_set(text: str, after: str, expected: str | None) -> None:
    found = cron.next_instant(cron.parse(text), at(after), at("2026-11-22 13:00:30"))
    assert found == (at(expected) if expected else None)


def test_nothing_is_due_before_the_schedule_was_set() -> None:
    set_at = at("2027-01-01 12:15")
    assert cron.next_instant(cron.parse("cron(15 12 * * ? *)"), at(SUNDAY), set_at) == at("2027-01-02 12:15")
    assert cron.next_instant(cron.parse("rate(2 hours)"), at(SUNDAY), set_at) == at("2027-01-01 14:15")


def test_a_rate_of_a_day_is_24_hours_when_the_clock_is_moved() -> None:
    since = at("2026-03-28 12:00", BERLIN)
    assert cron.next_instant(cron.parse("rate(1 day)"), since, since, BERLIN) == at("2026-03-29 13:00", BERLIN)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("cron(60 * * * ? *)", "minute takes 0-59 (signs: , - * /), not '60'."),
        ("cron(* 24 * * ? *)", "hour takes 0-23"),
        ("cron(* * 0 * ? *)", "day of month takes 1-31 (signs: , - * ? / L W), not '0'."),
        ("cron(* * 32W * ? *)", "not '32W'"),
        ("cron(* * L-31 * ? *)", "not 'L-31'"),
        ("cron(* * 1,? * ? *)", "not '?'"),
        ("cron(* * 1#2 * ? *)", "day of month takes"),
        ("cron(* * * 13 ? *)", "month takes 1-12 or JAN-DEC (signs: , - * /), not '13'."),
        ("cron(* * * JANUARY ? *)", "not 'JANUARY'"),
        ("cron(* * * MON ? *)", "not 'MON'"),
        ("cron(* * ? * 0 *)", "day of week takes 1-7 or SUN-SAT (signs: , - * ? / L #), not '0'."),
        ("cron(* * ? * 8L *)", "not '8L'"),
        ("cron(* * ? * MON#6 *)", "not 'MON#6'"),
        ("cron(* * ? * 2W *)", "not '2W'"),
        ("cron(* * * * ? 1969)", "year takes 1970-2199 (signs: , - * /), not '1969'."),
        ("cron(* * * * ? 2030-2027)", "not '2030-2027'"),
        ("cron(*/0 * * * ? *)", "not '*/0'"),
        ("cron(0/90 * * * ? *)", "not '0/90'"),
        ("cron(1,,2 * * * ? *)", "not ''"),
        ("cron(? * * * ? *)", "minute takes"),
        ("cron(-5 * * * ? *)", "not '-5'"),
        ("cron(² * * * ? *)", "not '²'"),
        ("cron(* * * * * *)", "of day of month and day of week exactly one is ?."),
        ("cron(* * ? * ? *)", "exactly one is ?"),
        ("cron(*/5 * * * *)", "cron takes 6 fields (minute, hour, day of month, month, day of week, year), not 5."),
        ("cron()", "not 0"),
        ("*/5 * * * ? *", "cron(minutes hours day-of-month month day-of-week year) or rate(n unit)"),
        ("", "it is written"),
        ("cron(* *\n* * ? *)", "it is written"),
        ("rate(0 minutes)", "a rate takes a number from 1"),
        ("rate(5 weeks)", "minutes, hours or days"),
        ("rate(1.5 hours)", "a rate takes"),
        ("at(2026-01-01T00:00:00)", "it is written"),
        ("cron(" + "1," * 200, "longer than 256"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line_that_names_the_field(text: str, named: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        cron.parse(text)
    assert named in str(refused.value)
    assert "\n" not in str(refused.value)


# Laws. The fields below are generated together with the values that they allow, told in the simplest possible words.


@st.composite
def plain(draw: st.DrawFn, low: int, high: int, names: tuple[str, ...] = ()) -> tuple[str, frozenset[int]]:
    """The text of one item and the values it allows."""

    named = bool(names) and draw(st.booleans())

    def name(value: int) -> str:
        return names[value - low] if named else str(value)

    first, last = draw(st.integers(low, high)), draw(st.integers(low, high))
    step = draw(st.integers(1, high - low + 1))
    match draw(st.integers(0, 4)):
        case 0:
            return "*", frozenset(range(low, high + 1))
        case 1:
            return name(first), frozenset({first})
        case 2:
            return f"{name(first)}/{step}", frozenset(range(first, high + 1, step))
        case 3:
            return f"*/{step}", frozenset(range(low, high + 1, step))
        case _:
            first, last = min(first, last), max(first, last)
            return f"{name(first)}-{name(last)}/{step}", frozenset(range(first, last + 1, step))


def listed(low: int, high: int, names: tuple[str, ...] = ()) -> st.SearchStrategy[tuple[str, frozenset[int]]]:
    items = st.lists(plain(low, high, names), min_size=1, max_size=3)
    return items.map(
        lambda found: (",".join(text for text, _ in found), frozenset[int]().union(*(v for _, v in found)))
    )


def every(low: int, high: int) -> st.SearchStrategy[tuple[str, frozenset[int]]]:
    return st.just(("*", frozenset(range(low, high + 1))))


def is_day_of_month(item: str, day: date) -> bool:
    length = monthrange(day.year, day.month)[1]
    workdays = [each for each in range(1, length + 1) if date(day.year, day.month, each).weekday() < 5]
    if item == "LW":
        return day.day == workdays[-1]
    if item.startswith("L"):
        return day.day == length - int(item[2:] or 0)
    if item.endswith("W"):
        wanted = int(item[:-1])
        return wanted <= length and day.day == min(workdays, key=lambda each: abs(each - wanted))
    return day.day == int(item)


def is_day_of_week(item: str, day: date) -> bool:
    weekday = day.isoweekday() % 7 + 1
    if item.endswith("L"):
        return weekday == int(item[:-1] or 7) and (item == "L" or (day + timedelta(days=7)).month != day.month)
    number, _, nth = item.partition("#")
    return weekday == int(number) and (not nth or (day.day - 1) // 7 + 1 == int(nth))


DAYS_OF_MONTH = st.one_of(
    st.integers(1, 31).map(str),
    st.integers(1, 31).map(lambda n: f"{n}W"),
    st.integers(1, 30).map(lambda n: f"L-{n}"),
    st.sampled_from(["L", "LW"]),
)
DAYS_OF_WEEK = st.one_of(
    st.integers(1, 7).map(str),
    st.integers(1, 7).map(lambda n: f"{n}L"),
    st.tuples(st.integers(1, 7), st.integers(1, 5)).map(lambda pair: f"{pair[0]}#{pair[1]}"),
    st.just("L"),
)
# Near the turns of months and years, leap days and moved clocks, where the errors are.
TURNS = ["2026-03-28", "2026-04-04", "2026-10-03", "2026-10-24", "2026-12-30", "2027-02-27", "2028-02-28", "2199-12-30"]
STARTS = st.builds(
    lambda day, minutes, seconds: at(day) + timedelta(minutes=minutes, seconds=seconds),
    st.sampled_from(TURNS),
    st.integers(0, 2 * 24 * 60),
    st.integers(0, 59),
)
WALKED = 3 * 24 * 60


@settings(max_examples=150, deadline=None)
@given(st.data(), STARTS, st.sampled_from([UTC, UTC, BERLIN, LORD_HOWE]))
def test_the_next_instant_is_the_first_minute_at_which_all_fields_agree(
    data: st.DataObject, after: datetime, zone: tzinfo
) -> None:
    (minute, minutes), (hour, hours) = data.draw(listed(0, 59)), data.draw(listed(0, 23))
    month, months = data.draw(every(1, 12) | listed(1, 12, MONTHS))
    year, years = data.draw(every(1970, 2199) | plain(1970, 2199))
    by_month = data.draw(st.booleans())
    items = data.draw(st.lists(DAYS_OF_MONTH if by_month else DAYS_OF_WEEK, min_size=1, max_size=8))
    days = f"{','.join(items)} {month} ?" if by_month else f"? {month} {','.join(items)}"
    is_day = is_day_of_month if by_month else is_day_of_week

    def allows(wall: datetime) -> bool:
        return (
            wall.minute in minutes
            and wall.hour in hours
            and wall.month in months
            and wall.year in years
            and any(is_day(item, wall.date()) for item in items)
            and wall.fold == 0
        )

    walk = (after.replace(second=0) + (number + 1) * MINUTE for number in range(WALKED))
    expected = next((each for each in walk if allows(each.astimezone(zone))), None)
    found = cron.next_instant(cron.parse(f"cron({minute} {hour} {days} {year})"), after, at("2000-01-01"), zone)
    if expected is None:
        assert found is None or found > after + WALKED * MINUTE
    else:
        assert found == expected


@settings(max_examples=300, deadline=None)
@given(
    plain(0, 59),
    plain(0, 23),
    plain(1, 12, MONTHS),
    st.one_of(
        st.one_of(plain(1, 28).map(lambda pair: pair[0]), st.just("L"), st.integers(1, 28).map(lambda n: f"{n}W")).map(
            lambda days: (days, "?")
        ),
        st.one_of(
            plain(1, 7, WEEKDAYS).map(lambda pair: pair[0]),
            DAYS_OF_WEEK.filter(lambda text: text != "L" and not text.endswith("#5")),
        ).map(lambda days: ("?", days)),
    ),
    STARTS.filter(lambda start: start.year < 2190),
)
def test_pyawscron_agrees(
    minute: tuple[str, frozenset[int]],
    hour: tuple[str, frozenset[int]],
    month: tuple[str, frozenset[int]],
    days: tuple[str, str],
    start: datetime,
) -> None:
    """Where it is right: it knows neither LW, nor L in lists or alone for a week, and fails on what is rare."""
    fields = f"{minute[0]} {hour[0]} {days[0]} {month[0]} {days[1]} *"
    try:
        theirs = AWSCron.get_next_n_schedule(3, start, fields)
    except Exception:
        reject()
    assert list(cron.next_instants(cron.parse(f"cron({fields})"), start, start, 3)) == theirs


@given(st.text(max_size=40))
def test_any_text_is_a_schedule_or_refused(text: str) -> None:
    for tried in (text, f"cron({text})", f"rate({text})", f"cron(0 0 {text} * ? *)", f"cron(0 0 ? * {text} *)"):
        with suppress(InvalidInput):
            cron.parse(tried)
