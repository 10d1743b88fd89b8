"""The page about the question: counts by time, page, language and version, and nothing small."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.store.choice_counts import ChoiceCount
from reports.choice_figures import coverage_of, floored_parts, frame_of
from reports.formats import NOTHING
from tests.reports.garden import ANNA, BERT, Garden
from tests.reports.reading import Reading

DAY_MS = 86_400_000


def count(
    garden: Garden, kind: str, times: int, page: str = "/", language: str = "en", version: int = 1
) -> None:
    if kind in ("loaded", "signal"):
        language, version = "", 0
    for _ in range(times):
        garden.parts.counts.add(garden.site.id, kind, page, language, version)


async def read(garden: Garden, query: str = "?period=7d") -> Reading:
    garden.store()
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}/choices{query}")
    assert answer.status_code == 200, answer.text
    return Reading(answer.text)


def named(page: Reading, table: str) -> dict[str, list[str]]:
    return {row[0]: row[1:] for row in page.tables.get(table, [])}


async def test_the_headlines_sum_up_the_period_and_ignored_is_what_was_not_answered(
    garden: Garden,
) -> None:
    for kind, times in (("loaded", 40), ("shown", 30), ("accepted", 12), ("refused", 8)):
        count(garden, kind, times)
    count(garden, "withdrawn", 2)

    page = await read(garden)

    assert page.figures == {
        "Tag loads": ["40"],
        "Asked": ["30"],
        "Accepted": ["12"],
        "Refused": ["8"],
        "Ignored": ["10"],
        "Withdrawn": ["2"],
    }
    assert "Of those who answered, 60.0% said yes." in " ".join(page.text.split())


async def test_ignored_is_counted_by_day_and_never_below_zero(garden: Garden) -> None:
    """Three answers come on the day after their question; they take nothing from that day."""
    count(garden, "shown", 5)
    garden.clock.move(days=1)
    count(garden, "shown", 4)
    count(garden, "accepted", 7)

    page = await read(garden)

    assert page.figures["Ignored"] == ["5"]
    days = named(page, "The question over time")
    assert days["1 Jan"][4] == "5"
    assert days["2 Jan"][4] == "0"
    assert days["31 Dec"] == ["0", "0", "0", "0", "0", "0", NOTHING, NOTHING]


async def test_counts_before_and_after_the_period_are_left_out(garden: Garden) -> None:
    count(garden, "shown", 5)
    garden.clock.move(days=2)
    count(garden, "shown", 3)

    assert (await read(garden, "?period=today")).figures["Asked"] == ["3"]
    assert (await read(garden, "?period=yesterday")).figures["Asked"] == ["0"]


@pytest.mark.parametrize("by", ["day", "week", "month"])
async def test_every_step_of_the_chart_adds_up_to_the_whole(garden: Garden, by: str) -> None:
    for _ in range(40):
        count(garden, "shown", 2)
        garden.clock.move(days=1)

    page = await read(garden, f"?period=90d&by={by}")

    steps = named(page, "The question over time")
    assert sum(int(row[1]) for row in steps.values()) == 80


async def test_a_metric_that_is_not_shown_is_refused(garden: Garden) -> None:
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}/choices?metric=visitors")
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == "metric"


async def test_the_page_is_for_staff_alone(garden: Garden) -> None:
    answer = await garden.client().get(f"/sites/{garden.site.key}/choices")
    assert answer.status_code == 303


async def test_law_4_pages_below_the_smallest_count_are_shown_together(garden: Garden) -> None:
    count(garden, "shown", 30, "/")
    count(garden, "shown", 12, "/prices")
    for name in ("/a-rare-page", "/another"):
        count(garden, "shown", 6, name)

    page = await read(garden)

    rows = named(page, "The question by page")
    assert {name: row[1] for name, row in rows.items()} == {
        "/": "30",
        "/prices": "12",
        "Other pages": "12",
    }
    assert "rare" not in page.html


async def test_law_4_one_small_page_cannot_be_told_from_the_total(garden: Garden) -> None:
    count(garden, "shown", 30, "/")
    count(garden, "shown", 12, "/prices")
    count(garden, "shown", 1, "/a-rare-page")

    page = await read(garden)

    rows = named(page, "The question by page")
    assert {name: row[1] for name, row in rows.items()} == {"/": "30", "Other pages": "13"}


async def test_law_4_pages_that_are_few_even_together_are_not_shown(garden: Garden) -> None:
    count(garden, "shown", 3, "/a-rare-page")
    count(garden, "shown", 2, "/another")

    page = await read(garden)

    assert "The question by page" not in page.tables
    assert "rare" not in page.html
    assert "Even together they are fewer than that" in " ".join(page.text.split())


async def test_languages_have_the_same_floor_and_loads_are_in_no_language(garden: Garden) -> None:
    count(garden, "loaded", 50)
    count(garden, "shown", 20, language="de")
    count(garden, "shown", 9, language="mt")
    count(garden, "shown", 8, language="ga", version=2)

    page = await read(garden)

    rows = named(page, "The question by language")
    assert {name: row[0] for name, row in rows.items()} == {"German": "20", "Other languages": "17"}
    assert {n: r[0] for n, r in named(page, "The question by version").items()} == {
        "1": "29",
        "2": "8",
    }


async def test_a_page_with_markup_in_its_path_is_shown_as_text(garden: Garden) -> None:
    count(garden, "shown", 30, "/<script>alert(1)</script>")

    page = await read(garden)

    assert "<script>alert" not in page.html
    assert "/<script>alert(1)</script>" in named(page, "The question by page")


async def test_the_reports_state_their_coverage(garden: Garden) -> None:
    count(garden, "loaded", 12)
    await garden.consent(ANNA)
    for visitor, path in ((ANNA, "/"), (ANNA, "/b"), (BERT, "/")):
        garden.event("2026-01-01T10:00", visitor_id=visitor, visit_id=visitor, path=path)
    sentence = "Of about 12 page loads, 3 were recorded with consent (25.0%)."

    assert sentence in " ".join((await read(garden)).text.split())
    assert sentence in " ".join((await garden.overview("?period=7d")).text.split())


async def test_nothing_is_said_of_coverage_where_no_load_was_counted(garden: Garden) -> None:
    garden.event("2026-01-01T10:00")
    assert "page loads," not in (await garden.overview("?period=7d")).text
    assert "Nothing was counted in this period." in (await read(garden)).text


@given(loads=st.integers(0, 10**6), views=st.integers(0, 10**6))
def test_coverage_never_claims_more_than_everything(loads: int, views: int) -> None:
    found = coverage_of(loads, views)
    assert (found is None) == (loads == 0)
    if found:
        assert 0 <= found.share <= 1
        assert found.loads >= found.recorded == views


@given(
    shown=st.lists(st.integers(0, 60), max_size=12),
    smallest=st.integers(1, 20),
)
def test_law_4_no_page_below_the_floor_can_be_computed(shown: list[int], smallest: int) -> None:
    """From the total and every row that is shown only sums of two small pages or more follow."""
    counts = [ChoiceCount("2026-01-01", "shown", f"/{n}", "en", 1, s) for n, s in enumerate(shown)]
    found = floored_parts(frame_of(counts), "page", smallest)
    assert all(row.shown >= smallest for row in found.rows)
    hidden = sum(shown) - sum(row.shown for row in found.rows)
    assert found.merged != 1 or not found.rows
    if found.rows and found.merged:
        assert hidden >= smallest
    if found.rest:
        assert found.rest.shown == hidden >= smallest
        assert found.merged >= 2
