"""What cards draw: shades, shares and the peak in words."""

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.system.assets import asset_path
from reports.cards.depths import depths_of
from reports.cards.heat_map import heat_map
from reports.cards.vitals import vitals_of, written
from reports.cards.world_map import HEIGHT, WIDTH, shade_of
from reports.charts.levels import LEVELS, levels_of, top_of
from reports.questions.cards.vitals import LIMITS
from tests.reports.garden import Garden
from tests.reports.reading import Reading


def test_the_peak_of_the_week_is_said_in_words() -> None:
    frame = pd.DataFrame({"weekday": [6, 0, 0], "hour": [23, 9, 10], "visits": [4, 3, 2]})
    found = heat_map(frame)

    assert found.peak == "Sunday, 23:00 to 00:00, with 4 visits"
    assert found.busiest == "Monday, with 5 visits"
    assert [found.days[day].cells[hour].shade for day, hour in ((6, 23), (0, 9), (0, 0))] == [
        6,
        5,
        0,
    ]
    assert heat_map(frame.head(0)).days == ()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("lcp_ms", 2449, "2.4 s"), ("inp_ms", 180, "180 ms"), ("cls", 104, "0.10")],
)
def test_a_measurement_is_written_in_its_unit(name: str, value: int, words: str) -> None:
    assert written(name, value) == words


@pytest.mark.parametrize(("name", "limits"), LIMITS.items())
def test_the_limits_of_a_measure_belong_to_the_better_grade(
    name: str, limits: tuple[int, int]
) -> None:
    frame = pd.DataFrame([{"loads": 0, "p75": 0, "good": 0, "poor": 0}] * len(LIMITS))
    grades = []
    for value in (limits[0], limits[0] + 1, limits[1], limits[1] + 1):
        frame.loc[list(LIMITS).index(name)] = [4, value, 1, 2]
        [found] = vitals_of(frame)
        grades.append(found.grade)

    assert grades == ["good", "needs", "needs", "poor"]
    assert [part.share for part in found.parts] == [0.25, 0.25, 0.5]


def test_a_view_noted_across_the_edge_of_a_period_makes_no_share_above_one() -> None:
    row = {"views": 1, "depth": 180, **{f"reached_{n}": 2 for n in (25, 50, 75, 100)}}
    found = depths_of(row)

    assert (found.mean, {one.share for one in found.depths}) == (1.0, {1.0})
    assert depths_of({"views": 0}).mean is None


def test_every_country_of_the_names_has_a_dot_and_no_dot_has_two() -> None:
    dots = json.loads(asset_path("data/world-dots.json").read_text("utf-8"))
    names = json.loads(asset_path("data/names.json").read_text("utf-8"))["countries"]
    places = [place for text in dots.values() for place in text.split()]
    without_people = {"AQ", "BV", "UM"}

    assert set(names) - set(dots) == without_people
    assert all(dots.values())
    assert len(places) == len(set(places))
    columns, rows = zip(*(map(int, place.split(",")) for place in places), strict=True)
    assert (max(columns) + 1) * 6 <= WIDTH
    assert max(rows) * 5.2 + 3 <= HEIGHT


def test_a_shade_stands_for_four_times_the_visitors_of_the_one_before() -> None:
    assert [shade_of(n, 1000) for n in (1000, 251, 250, 62, 15, 1)] == [5, 5, 4, 3, 2, 1]


@given(
    st.sampled_from(["count", "share", "ratio", "seconds"]),
    st.floats(0, 1) | st.floats(1, 1e7),
)
def test_the_top_of_a_chart_is_above_all_and_not_far(kind: str, highest: float) -> None:
    if kind == "share":
        highest = min(highest, 1.0)
    top = top_of(highest, kind)
    words = levels_of(top, kind)

    assert top >= highest
    assert top <= max(highest * 2.5, {"share": 0.04, "seconds": 20, "ratio": 1, "count": 4}[kind])
    assert len(set(words)) == LEVELS + 1


async def test_a_map_of_visitors_from_nowhere_says_what_is_so_and_what_to_do(
    garden: Garden,
) -> None:
    garden.event("2026-01-01T10:00", country="local")
    garden.event("2026-01-01T10:01", country="")
    page = await garden.overview("?period=7d")
    client = await garden.signed_in()
    chart = await client.get(f"/sites/{garden.site.key}/charts/world-map?period=7d")
    nobody = await client.get(f"/sites/{garden.site.key}/charts/world-map?period=yesterday")

    for text in (page.text, Reading(chart.text).text):
        assert "Visitors came in these days, none from a country that is known." in text
        assert "trusted_proxies" in text
    assert page.links["Read the wording"].startswith(f"/sites/{garden.site.key}/wording")
    assert "No visitor in these days." in Reading(nobody.text).text
    assert "Visitors came" not in nobody.text


async def test_what_filters_leave_empty_is_not_said_not_to_have_happened(garden: Garden) -> None:
    garden.event("2026-01-01T10:00", path="/a", country="DE")
    page = await garden.overview("?period=7d&where=path,is,/nowhere")
    client = await garden.signed_in()
    site = f"/sites/{garden.site.key}"
    others = [
        (await client.get(f"{site}{path}?period=7d&where=path,is,/nowhere")).text
        for path in ("/speed", "/scroll", "/charts/hours", "/charts/world-map")
    ]
    lists = await garden.overview("?period=7d&show=pages&where=path,is,/nowhere")

    cards = page.text.partition("Lists show")[2].partition("Answers to the question")[0]
    assert cards.count("Nothing of this in the visits that the filters keep.") == 10
    assert "in these days." not in cards
    for text in (*others, lists.text):
        assert "Nothing of this in the visits that the filters keep." in text
