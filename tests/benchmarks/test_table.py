"""The table says of each figure what it stands beside, the ratio, and whether that is enough."""

from benchmarks.load.collect_figures import figures
from benchmarks.table import Figure, Goal, number, table


def _line(figure: Figure) -> list[str]:
    """Return a figure's line cut at what stands between columns."""
    line = table([("program", [figure])]).splitlines()[-1]
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def test_a_figure_stands_beside_its_baseline_with_ratio_and_goal() -> None:
    figure = Figure("views", 4500, "", 5000, "route", goals=(Goal("≥", 0.9, of_ratio=True),))
    assert _line(figure) == ["views", "4,500", "5,000 route", "0.90", "ratio ≥ 0.900, met"]


def test_a_goal_that_is_not_reached_is_said_to_be_missed() -> None:
    figure = Figure("time", 20.04, "ms", goals=(Goal("≤", 20),))
    assert _line(figure) == ["time", "20.0 ms", "≤ 20, missed"]


def test_a_ratio_over_the_rounds_counts_more_than_that_of_the_medians() -> None:
    goals = (Goal("≥", 0.9, of_ratio=True),)
    figure = Figure("views", 4500, "", 5000, "route", measured_ratio=0.85, goals=goals)
    assert _line(figure)[-2:] == ["0.85", "ratio ≥ 0.900, missed"]


def test_what_was_not_measured_says_why_and_meets_nothing() -> None:
    figure = Figure("workers", None, goals=(Goal("≥", 2),), note="too few cores")
    assert _line(figure) == ["workers", "-", "≥ 2 (too few cores)"]


def test_a_baseline_of_nothing_gives_no_ratio() -> None:
    assert Figure("views", 1, baseline=0).ratio is None


def test_the_columns_of_all_programs_stand_under_each_other() -> None:
    short, long = Figure("a", 1, "ms", 2, "route"), Figure("a longer name", 10_000, "", 3, "x")
    head, *lines = table([("one", [short]), ("two", [long])]).splitlines()
    rows = [line for line in lines if line.startswith("  ")]
    assert [line for line in lines if line and line not in rows] == ["one", "two"]
    assert {rows[0].index("2 route"), rows[1].index("3 x")} == {head.index("baseline")}


def test_numbers_have_the_digits_that_tell_something() -> None:
    values = (0.0873, 0.123, 1.234, 12.34, 123.4, 12_345.6, 3.0, 0, None)
    said = ("0.0873", "0.123", "1.23", "12.3", "123", "12,346", "3", "0", "")
    assert tuple(number(value) for value in values) == said


def _load(rate: float, milliseconds: float) -> dict[str, object]:
    cpu = {"event_loop": milliseconds, "other_threads": 0.02, "children": 0.0}
    parts = {**cpu, "total": milliseconds + 0.02}
    times = {"p50_ms": 3.0, "p99_ms": 12.0}
    return {"requests_a_second": rate, "cpu_ms_a_request": parts, **times}


def test_collecting_is_judged_as_ratios_where_the_machine_is_slower() -> None:
    servers = {"route": _load(5000, 0.2), "bare": _load(9000, 0.1), "askfirst": _load(4600, 0.2)}
    found = {
        "one": {"ratio": 0.92, "ratio_to_bare": 0.51, **servers},
        "more": {"ratio": 0.95, "connections": 128, **servers},
        "ten": {"ratio": 0.5, "events_a_second": 20_000, **servers},
        "half": {"wanted_a_second": 2300, **servers},
        "lasting": [{"ratio": 0.88, "connections": 32, "seconds": 10, **servers}],
        "acknowledged": 1000,
        "rows_in_the_warehouse": 999,
        "workers": {"skipped": "this version has one process alone"},
    }
    lines = table([("collect", figures(found))]).splitlines()
    rate, more, kept_up = (line for line in lines if line.startswith("  page views a second"))
    (loop,) = (line for line in lines if "event loop" in line)
    (kept,) = (line for line in lines if "rows in the warehouse" in line)
    assert "ratio ≥ 0.900, met" in rate
    assert ("128 connections" in more, "ratio ≥ 0.900, met" in more) == (True, True)
    assert "32 connections, turns of 10 s" in kept_up
    assert "ratio ≥ 0.900, missed" in kept_up
    assert "≤ 0.0650, missed; ratio ≤ 1.25, met" in loop
    assert "missed" in kept  # one that was acknowledged is not there
    assert "skipped: this version has one process alone" in lines[-1]
