"""Comparisons: the days before, the same days a year before, any others, none; clear refusals."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.errors import Malformed
from reports.formatting.dates import NOTHING as DASH
from reports.url.comparing import compared_days
from reports.url.links import Address, compared_words, period_nav, period_query
from reports.url.periods import Period, read_period

NOW = datetime(2026, 11, 27, 10, 7, tzinfo=UTC)  # a Friday
ANY = {"period": "custom", "from": "2026-11-02", "to": "2026-11-08"}
FREE = {"against": "custom", "against_from": "2026-10-05", "against_to": "2026-10-11"}


def _period(**query: str) -> Period:
    return read_period(query, "Europe/Berlin", NOW, datetime(2026, 1, 1))  # noqa: DTZ001


def _days(period: Period) -> tuple[str, str] | None:
    other = period.previous
    return (str(other.first), str(other.last)) if other else None


def test_the_usual_comparison_is_with_as_many_days_before() -> None:
    assert _days(_period(**ANY)) == ("2026-10-26", "2026-11-01")
    assert _days(_period(period="7d")) == ("2026-11-14", "2026-11-20")


def test_a_year_before_has_the_same_weekdays_up_to_a_quarter_and_the_same_dates_beyond() -> None:
    week = _period(**ANY, against="year")
    long = _period(period="custom", **{"from": "2024-02-29", "to": "2024-12-31"}, against="year")

    assert _days(week) == ("2025-11-03", "2025-11-09")  # Monday to Sunday, as 2 to 8 November 2026
    assert _days(long) == ("2023-02-28", "2023-12-31")
    assert _days(_period(period="12m", against="year")) == ("2024-12-01", "2025-11-27")


@given(st.dates(date(2001, 3, 1), date(2030, 1, 1)), st.integers(1, 1000))
def test_days_of_a_year_before_lie_a_year_before(first: date, length: int) -> None:
    found = compared_days("year", first, first + timedelta(days=length - 1))

    assert found.first is not None
    assert found.last is not None
    assert 364 <= (first - found.first).days <= 366
    assert abs((found.last - found.first).days + 1 - length) <= (0 if length <= 92 else 1)
    assert length > 92 or found.first.weekday() == first.weekday()


def test_any_days_are_compared_whole_and_nothing_with_nothing() -> None:
    assert _days(_period(**ANY, **FREE)) == ("2026-10-05", "2026-10-11")
    assert _days(_period(**ANY, against="none")) is None
    assert _days(_period(period="all")) is None
    assert _days(_period(period="all", against="year")) is None
    assert _days(_period(period="all", **FREE)) == ("2026-10-05", "2026-10-11")


def test_a_running_period_is_compared_up_to_the_same_time_of_day() -> None:
    usual, year = _period(period="today"), _period(period="today", against="year")
    assert usual.compared is not None
    assert year.compared is not None

    # 11:07 in Berlin, in steps of five minutes, on the day before and on the Friday a year before
    assert usual.compared.end == datetime(2026, 11, 26, 10, 5)  # noqa: DTZ001
    assert year.compared.end == datetime(2025, 11, 28, 10, 5)  # noqa: DTZ001


def test_other_days_of_another_length_say_so() -> None:
    free = {**FREE, "against_to": "2026-10-31"}

    per_day = ", so counts are compared per day"
    near = {**free, "against_from": "2026-10-24", "from": "2026-10-30", "to": "2026-11-07"}
    said = compared_words(_period(**ANY, **free))
    assert said.startswith(f"5 Oct {DASH} 31 Oct, 27 days against 7{per_day}, but visitors not")
    assert compared_words(_period(**{**ANY, **near})).endswith(f"8 days against 9{per_day}")
    assert compared_words(_period(**ANY)) == f"26 Oct {DASH} 1 Nov"
    assert compared_words(_period(**ANY, against="none")) == ""


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"against": "yesteryear"}, "against"),
        ({**FREE, "against_from": "2026-02-30"}, "against_from"),
        ({**FREE, "against_from": "1996-01-01"}, "against_from"),
        ({**FREE, "against_to": "20261011"}, "against_to"),
        ({**FREE, "against_to": "2026-10-04"}, "against_to"),
        ({**FREE, "against_to": "2056-10-04"}, "against_to"),
        ({"against": "custom"}, "against_from"),
        ({"from": "1996-11-02"}, "from"),
        ({"from": "2026-11-31"}, "from"),
        ({"to": "2056-11-02"}, "to"),
        ({"to": "2026-11-01"}, "to"),
    ],
)
def test_days_that_cannot_be_are_refused_by_name(changes: dict[str, str], field: str) -> None:
    with pytest.raises(Malformed) as refused:
        _period(**{**ANY, **changes})
    assert refused.value.field == field


def test_the_address_keeps_the_comparison_and_its_menu_marks_it() -> None:
    query = {**ANY, **FREE, "where": "path,is,/a", "metric": "visits", "by": "day", "page": "2"}
    period = read_period(query, "UTC", NOW)
    address = Address("/sites/k", query)
    nav = period_nav(address, period, compares=True).against
    assert nav is not None

    assert period_query(period, query) == {**ANY, **FREE}
    assert nav.kept == {**ANY, "where": "path,is,/a", "metric": "visits", "by": "day"}
    assert [(link.text, link.current, link.note) for link in nav.choices] == [
        ("Period before", False, f"26 Oct {DASH} 1 Nov"),
        ("Same weekdays a year before", False, f"3 Nov {DASH} 9 Nov 2025"),
        ("Nothing", False, ""),
    ]
    assert "against=none" in nav.turned
    assert "against_from" not in nav.turned


def test_the_menu_says_which_days_of_a_year_before_are_compared() -> None:
    def shown(**query: str) -> tuple[str, str]:
        nav = period_nav(Address("/sites/k", query), _period(**query), compares=True).against
        assert nav is not None
        return nav.label, nav.dates

    assert shown(**ANY, against="year") == (
        "Same weekdays a year before",
        f"3 Nov {DASH} 9 Nov 2025",
    )
    assert shown(period="12m", against="year") == (
        "Same dates a year before",
        f"1 Dec 2024 {DASH} 27 Nov 2025",
    )
    assert shown(**ANY) == ("Period before", f"26 Oct {DASH} 1 Nov")
    assert shown(period="all") == ("Nothing", "")


def test_counts_of_other_lengths_are_weighed_by_their_days() -> None:
    february = {"period": "custom", "from": "2026-02-01", "to": "2026-02-28"}
    january = {"against": "custom", "against_from": "2026-01-01", "against_to": "2026-01-31"}
    running = _period(period="7d", **{**FREE, "against_to": "2026-10-31"})

    assert _period(**february, **january).weight == 28 / 31
    assert _period(**february).weight == 1
    assert _period(**february, against="none").weight == 1
    # Six days and 11:07 of the seventh, against 27 days
    assert running.weight == pytest.approx((6 + (11 * 60 + 7) / 1440) / 27)


def test_choosing_other_days_keeps_filters_and_comparison() -> None:
    query = {"period": "7d", "against": "year", "where": "path,is,/a", "by": "day"}
    nav = period_nav(Address("/sites/k", query), read_period(query, "UTC", NOW))

    assert nav.kept == {"against": "year", "where": "path,is,/a"}
    assert nav.against is None


def test_days_of_another_length_count_whole_also_while_the_period_runs() -> None:
    running = _period(period="7d", **{**FREE, "against_to": "2026-10-31"})
    alike = _period(period="7d", **FREE)

    assert running.is_running
    assert running.compared == running.before
    assert "same time of day" not in compared_words(running)
    assert alike.compared != alike.before
    assert "same time of day" in compared_words(alike)
