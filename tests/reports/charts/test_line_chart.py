"""The chart is drawn by the server: even levels and ticks, and dashes where a step is not whole."""

import unicodedata
from contextvars import copy_context
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.charts.levels import LEVELS
from reports.charts.line_chart import chart_of
from reports.charts.ticks import MOST_TICKS, ticks_of
from reports.figures.figures import Step, cut_steps
from reports.formatting.dates import NOTHING
from reports.formatting.languages import CHOICES
from reports.formatting.readers import write_for
from reports.formatting.template_filters import delta
from reports.url.periods import read_period
from reports.url.steps import Bucket, buckets

FIRST = datetime.fromisoformat("2026-01-01")  # a Thursday


NINETY = "31 Aug,7 Sep,14 Sep,21 Sep,28 Sep,5 Oct,12 Oct,19 Oct,26 Oct,2 Nov,9 Nov,16 Nov,23 Nov"


def _steps(*values: int | None, before: int | None = None) -> list[Step]:
    days = [FIRST + timedelta(days=n) for n in range(len(values))]
    return [Step(Bucket(d, d), n, before) for d, n in zip(days, values, strict=True)]


def _local(query: str, by: str) -> list[datetime]:
    """Return the local beginnings of the steps of a period that ends on 26 November 2026."""
    now = datetime(2026, 11, 26, 12, tzinfo=UTC)
    period = read_period({"period": query, "by": by}, "Europe/Berlin", now)
    return [bucket.local for bucket in buckets(period.window, period.zone, by)]


def test_the_line_reaches_from_side_to_side_and_from_bottom_to_top() -> None:
    chart = chart_of("Visitors", _steps(0, 6, 12), "day")

    assert chart.line == "M0.0 100.0 500.0 50.0 1000.0 0.0"
    assert chart.area == "M0.0 100.0 500.0 50.0 1000.0 0.0 L1000.0 100 L0.0 100Z"
    assert (chart.faint, chart.open_line, chart.open_key, chart.end) == ("", "", "", None)


def test_an_hour_that_clocks_repeat_is_told_from_the_one_before_it() -> None:
    hours = [FIRST + timedelta(hours=n) for n in (1, 2, 2, 3)]
    chart = chart_of("Visitors", [Step(Bucket(one, one), 1, None) for one in hours], "hour")

    assert [row.label for row in chart.rows] == ["01:00", "02:00", "02:00, again", "03:00"]


@pytest.mark.parametrize(
    ("highest", "levels"),
    [
        (0, "4 3 2 1 0"),
        (3, "4 3 2 1 0"),
        (5, "8 6 4 2 0"),
        (61, "80 60 40 20 0"),
        (93, "100 75 50 25 0"),
        (201, "240 180 120 60 0"),
        (2500, "3.2k 2.4k 1.6k 800 0"),
        (4100, "6k 4.5k 3k 1.5k 0"),
    ],
)
def test_five_even_levels_begin_at_zero(highest: int, levels: str) -> None:
    assert chart_of("Visits", _steps(highest, 0), "day").levels == tuple(levels.split())


@given(st.integers(0, 10**9))
def test_the_highest_value_lies_below_the_top_and_in_the_upper_half(highest: int) -> None:
    top = chart_of("Visits", _steps(highest, 0), "day").top

    assert top % LEVELS == 0
    assert highest <= top
    assert top <= max(4, 2 * highest)


@given(st.integers(0, 10**9))
def test_each_level_says_the_number_at_its_line(highest: int) -> None:
    sizes = {"k": 1_000, "M": 1_000_000}
    chart = chart_of("Visits", _steps(highest, 0), "day")
    said = [round(float(one.rstrip("kM")) * sizes.get(one[-1], 1)) for one in chart.levels]

    assert said == [chart.top * n / LEVELS for n in range(LEVELS, -1, -1)]


def test_a_whole_step_where_nothing_was_before_is_new_and_a_part_of_one_is_not() -> None:
    day = date(2026, 1, 1)
    noon = datetime.fromisoformat("2026-01-03T12:00")
    steps = cut_steps(_steps(4, 0, 1, before=0), "day", (day, day + timedelta(days=2)), noon)
    rows = chart_of("Visits", steps, "day", noon.date()).rows

    assert [delta(row.change, "count", row.is_new) for row in rows] == ["new", NOTHING, NOTHING]


def test_what_is_not_finished_is_dashed_and_ends_in_a_ring() -> None:
    day = date(2026, 1, 1)
    noon = datetime.fromisoformat("2026-01-03T12:00")
    steps = cut_steps(_steps(4, 4, 1, None), "day", (day, day + timedelta(days=3)), noon)
    chart = chart_of("Visits", steps, "day", noon.date())

    assert chart.line == "M0.0 0.0 333.3 0.0"
    assert chart.open_line == "M333.3 0.0 666.7 75.0"
    assert chart.area.startswith("M0.0 0.0 333.3 0.0 L333.3")
    assert (chart.open_key, chart.end) == ("today so far", (66.67, 75.0))
    assert [row.label for row in chart.rows][1:] == ["Fri 2 Jan", "Sat 3 Jan, so far", "Sun 4 Jan"]


def test_weeks_that_the_period_cuts_are_dashed_too() -> None:
    mondays = [FIRST + timedelta(days=4 + 7 * n) for n in range(4)]
    steps = [Step(Bucket(day, day), 7, None) for day in mondays]
    days = (date(2026, 1, 8), date(2026, 1, 28))  # from a Thursday to a Wednesday, all past
    chart = chart_of(
        "Visits", cut_steps(steps, "week", days, datetime.fromisoformat("2026-06-01")), "week"
    )

    assert chart.line == "M333.3 12.5 666.7 12.5"
    assert chart.open_line == "M0.0 12.5 333.3 12.5M666.7 12.5 1000.0 12.5"
    assert chart.open_key == "not a whole week"
    assert chart.rows[0].label == "Week of Mon 5 Jan, in part"


def test_a_period_of_whole_days_in_the_past_has_no_dashes() -> None:
    days = (date(2026, 1, 1), date(2026, 1, 3))
    steps = cut_steps(_steps(1, 2, 3), "day", days, FIRST + timedelta(days=3))

    assert chart_of("Visits", steps, "day").open_line == ""


def test_the_line_stops_at_the_present() -> None:
    chart = chart_of("Visits", _steps(4, 2, None, None, before=1), "day")

    assert chart.line == "M0.0 0.0 333.3 50.0"
    assert chart.faint.count(" ") == 7


def test_one_step_is_drawn_as_a_level() -> None:
    assert chart_of("Visits", _steps(2), "month").line == "M0.0 50.0 1000.0 50.0"


def test_weekends_are_shaded_from_half_a_step_before_to_half_a_step_behind() -> None:
    chart = chart_of("Visits", _steps(*[1] * 11), "day")  # Thursday to Sunday of the next week

    assert [(band.x, band.width) for band in chart.weekends] == [(15.0, 20.0), (85.0, 15.0)]
    assert chart_of("Visits", _steps(1, 1), "month").weekends == ()


def test_the_chart_is_said_in_a_sentence() -> None:
    chart = chart_of("Visitors", _steps(45, 93, 61), "day", FIRST.date())

    assert chart.summary == (
        "Visitors a day, Thu 1 Jan to Sat 3 Jan: lowest 45, highest 93 (Fri 2 Jan)."
    )


def test_the_sentence_of_a_first_day_does_not_leave_out_who_came_so_far() -> None:
    days, present = (FIRST.date(), FIRST.date() + timedelta(days=2)), FIRST + timedelta(days=2.4)
    steps = cut_steps(_steps(0, 0, 2), "day", days, present)
    counted = chart_of("Visitors", steps, "day", FIRST.date())
    share = chart_of("Bounce rate", steps, "day", FIRST.date(), kind="share")

    assert counted.summary.endswith(": lowest 0, highest 2 (Sat 3 Jan, so far).")
    assert "(Thu 1 Jan)" in share.summary  # that of a part of a day may be anything


@pytest.mark.parametrize(
    ("period", "by", "labels"),
    [
        ("30d", "day", "Mon 2 Nov|Mon 9 Nov|Mon 16 Nov|Mon 23 Nov"),
        ("yesterday", "hour", "Wed 25 Nov|03:00|06:00|09:00|12:00|15:00|18:00|21:00"),
        ("7d", "hour", "|".join(f"{day} Nov" for day in ("Fri 20", "Sat 21", "Sun 22", "Mon 23",
                                                          "Tue 24", "Wed 25", "Thu 26"))),
        ("90d", "day", NINETY.replace(",", "|")),
        ("12m", "day", "Dec|Jan 2026|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov"),
        ("12m", "month", "Dec|Jan 2026|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov"),
    ],
)  # fmt: skip
def test_ticks_stand_where_people_count_from(period: str, by: str, labels: str) -> None:
    assert "|".join(tick.label for tick in ticks_of(_local(period, by), by)) == labels


@pytest.mark.parametrize("tag", sorted(CHOICES))
def test_no_language_writes_labels_over_each_other(tag: str) -> None:
    """A sign is some 6.5 pixels wide, the chart 250 on phones and 750 where no tick is left out."""
    copy_context().run(_check_room, tag)


def _check_room(tag: str) -> None:
    write_for([tag])
    for days, by in ((7, "day"), (30, "day"), (90, "day"), (365, "week"), (700, "month")):
        first = datetime(2026, 8, 3)  # noqa: DTZ001 - local
        whole = [first + timedelta(days=n) for n in range(days)]
        steps = [day for day in whole if by != "month" or day.day == 1][:: 7 if by == "week" else 1]
        ticks = ticks_of(steps, by)
        widths = [(sum(map(_is_wide, tick.label)) + 2, tick.is_minor) for tick in ticks]
        assert sum(width for width, is_minor in widths if not is_minor) <= 39
        assert sum(width for width, _ in widths) <= 116
        assert len(ticks) >= (3 if days > 7 else 1)


def _is_wide(sign: str) -> bool:
    return unicodedata.category(sign) not in ("Cf", "Mn")


@given(
    days=st.integers(1, 4000),
    start=st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    by=st.sampled_from(["day", "week", "month"]),
)
def test_ticks_are_never_too_many_and_stand_in_order(days: int, start: date, by: str) -> None:
    first = datetime.combine(start, datetime.min.time())
    whole = [first + timedelta(days=n) for n in range(days)]
    cut = {
        "day": lambda _day: True,
        "week": lambda day: day.weekday() == 0,
        "month": lambda day: day.day == 1,
    }[by]
    steps = [day for day in whole if cut(day)] or [first]
    ticks = ticks_of(steps, by)
    places = [tick.x for tick in ticks]

    assert 1 <= len(ticks) <= MOST_TICKS[by]
    assert places == sorted(set(places))
    assert all(0 <= x <= 100 for x in places)
    assert not ticks[0].is_minor
    assert sum(not tick.is_minor for tick in ticks) <= 5
