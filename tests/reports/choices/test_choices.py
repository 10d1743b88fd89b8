"""The page about the question: counts by time, page, language and version, and nothing small."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from askfirst.rules.applying import RESTRICTED
from askfirst.store.ledger.choice_counts import ChoiceCount
from reports.choices.chart import top_of
from reports.choices.figures import frame_of, merged_rows, versions_of
from reports.figures.consent_rate import Recorded, consent_rate_of
from reports.formatting.template_filters import NOTHING
from tests.effort import least_seconds
from tests.reports.garden import ANNA, BERT, Garden
from tests.reports.reading import Reading

DAY_MS = 86_400_000


def count(
    garden: Garden, kind: str, times: int, page: str = "/", language: str = "en", version: int = 1
) -> None:
    if kind in ("loaded", "signal"):
        language, version = "", 0
    for _ in range(times):
        garden.deps.counts.add(garden.site.id, kind, page, language, version)


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
        "Page loads": ["40", "tag loads, without bots"],
        "Asked": ["30", "66.7% answered"],
        "Said yes": ["12", "40.0% of those asked"],
        "Said no": ["8", "26.7%"],
        "No answer": ["10", "33.3%"],
        "Withdrew": ["2", "16.7% of those who said yes"],
    }
    assert named(page, "The question over time")["Today so far"][-1] == "60.0%"


async def test_ignored_is_counted_by_day_and_never_below_zero(garden: Garden) -> None:
    """Three answers come on the day after their question; they take nothing from that day."""
    count(garden, "shown", 5)
    garden.clock.move(days=1)
    count(garden, "shown", 4)
    count(garden, "accepted", 7)

    page = await read(garden)

    assert page.figures["No answer"][0] == "5"
    days = named(page, "The question over time")
    assert days["Yesterday"][4] == "5"
    assert days["Today so far"][4] == "0"


async def test_the_page_says_that_a_choice_where_nothing_was_asked_lowers_no_answer(
    garden: Garden,
) -> None:
    """Ten are asked, four answer, and one of them says yes later in the preferences."""
    for kind, times in (("shown", 10), ("accepted", 3), ("refused", 1)):
        count(garden, kind, times)
    count(garden, "accepted", 1)
    page = await read(garden)

    assert page.figures["No answer"][0] == "5"
    assert "made or changed later in the preferences" in page.text
    assert "“No answer” may be too low by as many" in page.text


async def test_counts_before_and_after_the_period_are_left_out(garden: Garden) -> None:
    count(garden, "shown", 5)
    garden.clock.move(days=2)
    count(garden, "shown", 3)

    assert (await read(garden, "?period=today")).figures["Asked"][0] == "3"
    assert "Nothing was counted in this period." in (await read(garden, "?period=yesterday")).text


@pytest.mark.parametrize("by", ["day", "week", "month"])
async def test_every_step_of_the_chart_adds_up_to_the_whole(garden: Garden, by: str) -> None:
    for _ in range(40):
        count(garden, "shown", 2)
        garden.clock.move(days=1)

    page = await read(garden, f"?period=90d&by={by}")

    steps = named(page, "The question over time")
    assert sum(int(row[1]) for row in steps.values() if row) == 80


async def test_the_newest_step_comes_first_and_days_without_loads_are_one_quiet_line(
    garden: Garden,
) -> None:
    count(garden, "loaded", 3)
    garden.clock.move(days=4)
    count(garden, "loaded", 2)
    garden.clock.move(days=2)
    count(garden, "loaded", 1)

    rows = (await read(garden)).tables["The question over time"]

    assert [(row[0], *row[1:2]) for row in rows] == [
        ("Today so far", "1"),
        ("Yesterday: no page loads",),
        ("Mon 5 Jan", "2"),
        ("2 Jan \N{EN DASH} 4 Jan: no page loads",),
        ("Thu 1 Jan", "3"),
    ]


async def test_older_days_are_one_press_away_and_in_the_page_for_paper(garden: Garden) -> None:
    for _ in range(30):
        count(garden, "shown", 2)
        garden.clock.move(days=1)
    garden.clock.move(days=-1)

    page = await read(garden, "?period=30d")

    rows = page.tables["The question over time"]
    assert len([row for row in rows if len(row) > 1]) == 30
    assert page.links["16 days more"] == "#all-steps"
    assert 'id="all-steps"' in page.html


async def test_yes_is_teal_no_is_amber_and_no_answer_is_grey_and_columns_add_up(
    garden: Garden,
) -> None:
    for kind, times in (("loaded", 40), ("shown", 40), ("accepted", 20), ("refused", 8)):
        count(garden, kind, times)

    page = await read(garden, "?period=today")

    deps = [
        (recorded["class"], float(recorded["height"][:-1]))
        for tag, recorded in page.tags
        if tag == "rect" and recorded.get("height", "").endswith("%") and "y" in recorded
    ]
    assert deps == [("f1", 50.0), ("f2", 20.0), ("f5", 30.0)]


async def test_a_wording_that_was_published_in_the_period_is_pinned_to_the_chart(
    garden: Garden,
) -> None:
    count(garden, "shown", 30)
    garden.clock.move(days=2)
    policy = garden.deps.book.policy(garden.site)
    texts = {tag: await garden.deps.book.texts(policy, tag) for tag in policy.content["texts"]}
    content = policy.content | {"texts": texts}
    await garden.deps.book.publish(garden.site, content, asks_again=False)
    count(garden, "shown", 30, version=2)

    page = await read(garden)

    assert "Sat 3 Jan: version 2 of the wording published" in page.text
    names = list(named(page, "The question by version"))
    assert names == ["2, since 3 Jan", "1, until 3 Jan"]


async def test_consent_records_are_reached_from_the_page(garden: Garden) -> None:
    page = await read(garden)
    records = page.links["Consent records"].partition("?")[0]
    assert records == f"/sites/{garden.site.key}/records"


@given(st.integers(0, 10**9))
def test_the_topmost_line_fits_and_makes_whole_steps(highest: int) -> None:
    top = top_of(highest)
    assert top >= highest
    assert top % 4 == 0
    assert top <= max(4, highest * 2)


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
    assert {name: row[1] for name, row in rows.items()} == {"German": "20", "Other languages": "17"}
    assert {n[0]: r[1] for n, r in named(page, "The question by version").items()} == {
        "1": NOTHING,  # for it and the total would tell the other
        "2": "<10",
    }


async def test_law_4_no_number_below_the_floor_is_shown_in_any_table(garden: Garden) -> None:
    """Of 30 who were asked on two pages each, one accepted: neither it nor a share is shown."""
    for page in ("/", "/prices"):
        count(garden, "loaded", 40, page)
        count(garden, "shown", 30, page)
        count(garden, "accepted", 1, page)
        count(garden, "refused", 14, page)
    count(garden, "shown", 30, language="de", version=2)
    count(garden, "withdrawn", 1, language="", version=2)

    page = await read(garden)

    few, other = "<10", NOTHING
    assert named(page, "The question by page")["/prices"] == [
        *("40", "30", few, other, "15"),
        *(NOTHING, NOTHING, NOTHING),
    ]
    assert named(page, "The question by language")["English"][2] == few
    versions = {name[0]: row for name, row in named(page, "The question by version").items()}
    assert versions["2"] == [NOTHING, "30", "0", "0", "30", few, "0.0%", NOTHING]
    assert versions["1"][2] == few


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
    sentence = "25% of page loads recorded with consent"

    assert sentence in " ".join((await read(garden)).text.split())
    assert sentence in " ".join((await garden.overview("?period=7d")).text.split())


async def test_the_reports_say_where_their_coverage_cannot_be_told(garden: Garden) -> None:
    """Two views on one load: how often the page changed for those who said no is not known."""
    count(garden, "loaded", 1)
    await garden.consent(ANNA)
    for path in ("/", "/b"):
        garden.event("2026-01-01T10:00", path=path)

    for page in (await read(garden), await garden.overview("?period=7d")):
        said = " ".join(page.text.split())
        assert "2 page views recorded with consent" in said
        assert "Their share of all page loads cannot be told for these days." in said
        assert "of page loads recorded" not in said


async def test_coverage_compares_views_and_loads_of_the_same_days(garden: Garden) -> None:
    """Loads are counted by UTC day; a local day of Berlin begins an hour before."""
    count(garden, "loaded", 4)
    await garden.consent(ANNA)
    for time in ("2025-12-31T23:30", "2026-01-01T10:00"):
        garden.event(time)

    for page in (await read(garden, "?period=today"), await garden.overview("?period=today")):
        said = " ".join(page.text.split())
        assert "25% of page loads recorded with consent" in said
        assert "1 recorded after a yes" in said
        assert "4 page loads, counted" in said


async def test_all_time_holds_what_was_asked_before_the_first_yes(garden: Garden) -> None:
    garden.clock.move(days=-10)
    for kind, times in (("loaded", 39), ("shown", 30), ("refused", 20)):
        count(garden, kind, times)
    garden.clock.move(days=10)
    assert (await read(garden, "?period=all")).figures["Page loads"][0] == "39"

    count(garden, "loaded", 1)
    await garden.consent(ANNA)
    garden.event("2026-01-01T09:00")
    page = await read(garden, "?period=all")
    overview = await garden.overview("?period=all")
    assert page.figures["Page loads"][0] == "40"
    assert "2% of page loads" in " ".join(page.text.split())
    assert "2% of page loads" in " ".join(overview.text.split())


async def test_all_time_leaves_out_days_whose_events_went_as_was_promised(garden: Garden) -> None:
    garden.clock.move(days=-800)
    count(garden, "loaded", 1000)
    garden.clock.move(days=800)
    count(garden, "loaded", 1)

    assert (await read(garden, "?period=all")).figures["Page loads"][0] == "1"


async def test_a_load_is_recorded_under_a_no_or_without_an_answer(garden: Garden) -> None:
    """Of 10 loads 2 are recorded and 3 asked in vain; 4 had a no, and a visitor restricted one."""
    for kind, times in (("loaded", 10), ("shown", 5), ("accepted", 1), ("refused", 1)):
        count(garden, kind, times)
    await garden.consent(ANNA)
    for path in ("/", "/b"):
        garden.event("2026-01-01T10:00", path=path)
    held = {"site_id": -garden.site.id, "visitor_id": "held", "visit_id": "held"}
    garden.event("2026-01-01T10:00", **held, excluded=RESTRICTED)
    page = await garden.overview("?period=today")
    said = " ".join(page.text.split())
    bar = [given for _, given in page.tags if given.get("class") in ("f1", "f2", "f5")]

    assert "20% of page loads recorded with consent" in said
    parts = "2 recorded after a yes 5 after a no, or restricted 3 without an answer"
    assert f"{parts} 10 page loads" in said
    assert [(one["class"], one["x"], one["width"]) for one in bar] == [
        ("f1", "0.0%", "19.75%"),
        ("f2", "20.0%", "49.75%"),
        ("f5", "70.0%", "29.75%"),
    ]


async def test_the_overview_and_the_page_of_choices_give_the_same_numbers(garden: Garden) -> None:
    for kind, times in (("loaded", 9), ("shown", 8), ("accepted", 3), ("refused", 1)):
        count(garden, kind, times)
    count(garden, "withdrawn", 2)
    garden.deps.tallies.add(garden.site.id, "accepted", 3101)  # another count, of all time's ways
    overview, choices = await garden.overview("?period=7d"), await read(garden, "?period=7d")

    assert overview.tables["Answers to the question"] == [
        ["Said yes", choices.figures["Said yes"][0]],
        ["Said no", choices.figures["Said no"][0]],
        ["Did not answer", choices.figures["No answer"][0]],
        ["Took a yes back", choices.figures["Withdrew"][0]],
    ]
    assert "3,101" not in overview.text


async def test_nothing_is_said_of_coverage_where_nothing_was_counted(garden: Garden) -> None:
    assert "What this report sees" not in (await garden.overview("?period=7d")).html
    page = await read(garden)
    assert "What this report sees" not in page.html
    assert "Nothing was counted in this period." in page.text


@example(loads=20_000, views=0, silent=1)
@given(*(st.integers(0, 10**6) for _ in range(3)))
def test_coverage_never_claims_more_than_everything(loads: int, views: int, silent: int) -> None:
    """It makes up no load either: the numbers are the counted ones, and the parts are the whole."""
    found = consent_rate_of(loads, Recorded(views), silent)
    assert (found is None) == (loads == views == 0)
    if found:
        assert (found.loads, found.recorded) == (loads, views)
        assert (found.share is None) == (views > loads)
        assert found.share is None or found.share * loads == pytest.approx(views)
    if found and found.share is not None:
        assert found.recorded + found.refused + found.unanswered == loads
        assert found.refused >= 0 <= found.unanswered <= silent
        assert all(0 <= part.x < 100 and part.width > 0 for part in found.bar)


@given(
    shown=st.lists(st.integers(0, 60), max_size=12),
    smallest=st.integers(1, 20),
)
def test_law_4_no_page_below_the_floor_can_be_computed(shown: list[int], smallest: int) -> None:
    """From the total and every row that is shown only sums of two small pages or more follow."""
    counts = [ChoiceCount("2026-01-01", "shown", f"/{n}", "en", 1, s) for n, s in enumerate(shown)]
    found = merged_rows(frame_of(counts), "page", smallest)
    assert all(row.shown >= smallest for row in found.rows)
    hidden = sum(shown) - sum(row.shown for row in found.rows)
    assert found.merged != 1 or not found.rows
    if found.rows and found.merged:
        assert hidden >= smallest
    if found.rest:
        assert found.rest.shown == hidden >= smallest
        assert found.merged >= 2


def test_thousands_of_pages_are_floored_in_a_time_that_grows_as_they_do() -> None:
    """Each page has a small number, so that others are hidden beside them in every row."""
    counts = [
        ChoiceCount("2026-01-01", kind, f"/{page}", "en", 1, times)
        for page in range(4000)
        for kind, times in (("shown", 40 + page % 7), ("accepted", 3), ("refused", page % 30))
    ]
    frame = frame_of(counts)
    found = merged_rows(frame, "page", 10)

    assert len(found.rows) == 4000
    assert all("accepted" in row.hidden for row in found.rows)
    seconds = least_seconds(lambda: merged_rows(frame, "page", 10), goes=1)
    assert seconds < 10  # a scan of the whole table for each number takes minutes


@given(
    counts=st.lists(st.tuples(*[st.integers(0, 30)] * 3), min_size=1, max_size=6),
    smallest=st.integers(2, 12),
)
def test_law_4_no_small_number_follows_from_the_others(
    counts: list[tuple[int, int, int]], smallest: int
) -> None:
    """What is hidden of a row, and of a column, is two numbers or more and no small sum."""
    kinds = ("accepted", "refused", "ignored")
    told = [dict(zip(kinds, one, strict=True)) for one in counts]
    given_counts = [
        ChoiceCount("2026-01-01", kind, "", "en", version, times)
        for version, one in enumerate(told, 1)
        for kind, times in (("shown", sum(one.values())), *list(one.items())[:2])
    ]
    rows = versions_of(frame_of(given_counts), smallest)
    truth = {str(version): one for version, one in enumerate(told, 1)}

    for row in rows:
        for kind in kinds:
            shown, true = getattr(row, kind), truth[row.name][kind]
            assert shown == (0 if kind in row.hidden else true)
            assert kind in row.hidden or not 0 < true < smallest
        if row.hidden.keys() & set(kinds):
            assert row.yes_share is row.answered_share is None
    lines = [[(row, kind) for kind in kinds] for row in rows]
    lines += [[(row, kind) for row in rows] for kind in kinds]
    for line in lines:
        hidden = [truth[row.name][kind] for row, kind in line if kind in row.hidden]
        open_ones = [row for row, kind in line if kind not in row.hidden and getattr(row, kind)]
        assert not hidden or not open_ones or (len(hidden) > 1 and sum(hidden) >= smallest)
