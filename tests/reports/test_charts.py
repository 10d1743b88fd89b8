"""The chart draws what it is given, alike for Vega-Lite and without any script."""

from datetime import UTC, datetime, timedelta

import pytest
import vl_convert

from reports.charts import chart_of
from reports.figures import Step
from reports.steps import Bucket


def _steps(*values: int | None, before: int | None = None) -> list[Step]:
    first = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    days = [first + timedelta(days=n) for n in range(len(values))]
    return [Step(Bucket(d, d), n, before) for d, n in zip(days, values, strict=True)]


def test_the_plain_line_reaches_from_side_to_side_and_from_bottom_to_top() -> None:
    chart = chart_of("Visitors", _steps(0, 5, 10), "day")

    assert chart.line == "0.0,200.0 500.0,100.0 1000.0,0.0"
    assert chart.area == "0.0,200 0.0,200.0 500.0,100.0 1000.0,0.0 1000.0,200"
    assert chart.faint == ""


@pytest.mark.parametrize(
    ("highest", "top"),
    [(0, "2"), (1, "2"), (3, "4"), (7, "10"), (10, "10"), (11, "20"), (201, "400"), (4100, "5k")],
)
def test_the_axis_ends_at_a_round_number(highest: int, top: str) -> None:
    assert chart_of("Visits", _steps(highest, 0), "day").top == top


def test_the_line_stops_at_the_present() -> None:
    chart = chart_of("Visits", _steps(4, 2, None, None, before=1), "day")

    assert chart.line == "0.0,0.0 333.3,100.0"
    assert len(chart.faint.split()) == 4


def test_the_specification_leaves_the_future_empty() -> None:
    spec = chart_of("Visits", _steps(4, 2, None, None), "day").spec
    data = vl_convert.vegalite_to_vega({**spec, "width": 400})["data"]

    assert not [t for one in data for t in one.get("transform", ()) if t["type"] == "impute"]


def test_one_step_is_drawn_as_a_level() -> None:
    assert chart_of("Visits", _steps(2), "month").line == "0.0,0.0 1000.0,0.0"


def test_the_specification_is_drawn_by_vega_lite() -> None:
    spec = chart_of("Visitors", _steps(*range(40), before=3), "day").spec
    drawn = vl_convert.vegalite_to_svg({**spec, "width": 400})

    assert spec["data"]["values"][39]["now"] == 39
    assert "1 Jan" in drawn
    assert "9 Feb" in drawn
    assert 'fill="red"' not in drawn


def test_the_specification_names_no_address_to_load_from() -> None:
    spec = chart_of("Visitors", _steps(1, 2), "day").spec

    assert "url" not in repr(spec)
    assert repr(spec).count("http") == 1  # the schema's name


def test_zero_has_no_unit_on_the_drawn_axis() -> None:
    spec = chart_of("Visits", _steps(4100, 2), "day").spec
    svg = vl_convert.vegalite_to_svg({**spec, "width": 400})

    assert ">0</text>" in svg
    assert ">5k</text>" in svg
    assert ">0k<" not in svg
