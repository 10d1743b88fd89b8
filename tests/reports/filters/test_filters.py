"""Filters stand in the address, apply to every figure of the overview, and are added by a click."""

import threading
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.store.warehouse.duckdb import patterns
from askfirst.store.warehouse.filters.conditions import (
    GOAL_OPERATORS,
    OPERATORS,
    Condition,
    Segment,
)
from askfirst.store.warehouse.filters.numbers import NUMBER_COLUMNS, NUMBER_OPERATORS
from reports.filters.value_lines import EMPTY, lines_of, values_of_lines
from reports.filters.words import COLUMN_GROUPS, OPERATOR_WORDS, column_words
from reports.saved.segments import SavedSegments
from tests.reports.garden import ANNA, BERT, CLEO, Garden

WEEK = "?period=7d"


def some_visits(garden: Garden) -> None:
    """Three visitors: two from Germany, one of them on /a only; one from France on /a."""
    garden.event("2026-01-01T10:00", visitor_id=ANNA, visit_id="v1", path="/a", country="DE")
    garden.event("2026-01-01T10:01", visitor_id=ANNA, visit_id="v1", path="/b", country="DE")
    garden.event("2026-01-01T10:02", visitor_id=BERT, visit_id="v2", path="/b", country="DE")
    garden.event("2026-01-01T10:03", visitor_id=CLEO, visit_id="v3", path="/a", country="FR")


async def added(garden: Garden, **fields: str) -> tuple[int, str]:
    """Send the form of the bar; return the status and the address that it leads to."""
    client = await garden.signed_in()
    query = urlencode({"report": "", "period": "7d", **fields})
    answer = await client.get(f"/sites/{garden.site.key}/filter?{query}")
    return answer.status_code, answer.headers.get("Location", answer.text)


async def test_a_row_leads_to_the_report_of_its_visits_alone(garden: Garden) -> None:
    some_visits(garden)
    all_visits = await garden.overview(WEEK)
    query = urlsplit(all_visits.links["Germany"]).query
    germany = await garden.overview(f"?{query}")

    assert all_visits.figures["Visitors"][0] == "3"
    assert germany.figures["Visitors"][0] == "2"
    assert germany.figures["Page views"][0] == "3"
    assert [row[0] for row in germany.tables["Countries"]] == ["Germany"]
    assert [row[:2] for row in germany.tables["Pages"]] == [["/b", "2"], ["/a", "1"]]


async def test_two_filters_must_both_hold_and_each_goes_by_its_own_cross(garden: Garden) -> None:
    some_visits(garden)
    both = await garden.overview(f"{WEEK}&where=country,is,DE;path,is,/a")
    one = await garden.overview(f"?{urlsplit(both.links['Take away: Page is /a']).query}")

    assert both.figures["Visitors"][0] == "1"
    assert one.figures["Visitors"][0] == "2"
    assert "where" not in both.links["Clear"]


async def test_a_chosen_row_leads_back_out(garden: Garden) -> None:
    some_visits(garden)
    germany = await garden.overview(f"{WEEK}&where=country,is,DE")

    assert "where" not in germany.links["Germany"]


async def test_the_whole_list_and_the_chart_obey_the_filters(garden: Garden) -> None:
    some_visits(garden)
    pages = await garden.overview(f"{WEEK}&show=pages&where=country,is,FR")
    chart = await garden.overview("?period=today&where=country,is,FR")

    assert [row[0] for row in pages.tables["Pages"]] == ["/a"]
    assert "where=country%2Cis%2CFR" in pages.links["Back to the overview"]
    [steps] = [rows for title, rows in chart.tables.items() if title.startswith("From")]
    assert sum(int(row[1]) for row in steps if row[1].isdigit()) == 1


async def test_the_form_adds_a_condition_to_those_that_apply(garden: Garden) -> None:
    status, to = await added(
        garden, where="country,is,DE", column="path", how="contains", which="a,b;c"
    )

    assert status == 303
    assert urlsplit(to).path == f"/sites/{garden.site.key}"
    assert parse_qs(urlsplit(to).query) == {
        "period": ["7d"],
        "where": ["country,is,DE;path,contains,a%2Cb%3Bc"],
    }


async def test_one_of_takes_a_value_a_line(garden: Garden) -> None:
    _, to = await added(garden, column="country", how="one_of", which="DE\r\nFR\r\n")

    assert parse_qs(urlsplit(to).query)["where"] == ["country,one_of,DE,FR"]


async def test_one_of_keeps_commas_and_what_is_unknown(garden: Garden) -> None:
    _, to = await added(garden, column="title", how="one_of", which='Pots, and pans\n""\n\n Tea ')
    query = urlsplit(to).query
    page = await garden.overview(f"?{query}&edit=0")

    assert parse_qs(query)["where"] == ["title,one_of,Pots%2C and pans,,Tea"]
    assert "Pots, and pans\n&#34;&#34;\nTea</textarea>" in page.html


LINES = st.text(max_size=9).map(lambda text: " ".join(text.split()))


@given(st.lists(LINES))
def test_values_that_are_written_one_a_line_are_read_again(values: list[str]) -> None:
    kept = [value for value in values if value != EMPTY]
    assert values_of_lines(lines_of(kept)) == tuple(dict.fromkeys(kept))


@pytest.mark.parametrize("column", ["status", "engaged_ms", "cls", "screen_width"])
@pytest.mark.parametrize("operator", ["is", "at_least", "at_most", "between"])
async def test_a_condition_on_a_number_is_a_chip_of_every_page_with_filters(
    garden: Garden, column: str, operator: str
) -> None:
    values = "1,2" if operator == "between" else "1"
    chips = await garden.overview(f"{WEEK}&where={column},{operator},{values}")

    said = f"{column_words(column)} {OPERATOR_WORDS[operator]} {values.replace(',', ' and ')}"
    assert f"Take away: {said}" in chips.links


async def test_a_page_narrowed_to_a_number_counts_the_visits_that_have_it(garden: Garden) -> None:
    garden.event("2026-01-01T10:00", visitor_id=ANNA, visit_id="v1", status=404)
    garden.event("2026-01-01T10:00", visitor_id=BERT, visit_id="v2", status=200)
    _, to = await added(garden, column="status", how="at_least", which=" 404\n")
    page = await garden.overview(f"?{urlsplit(to).query}")

    assert page.figures["Visitors"][0] == "1"


@pytest.mark.parametrize("which", ["10 and 20", "10 20", "10\r\n20", " 10\tand  20\n"])
async def test_between_takes_two_numbers_and_shows_them_again(garden: Garden, which: str) -> None:
    _, to = await added(garden, column="engaged_ms", how="between", which=which)
    query = urlsplit(to).query
    page = await garden.overview(f"?{query}&edit=0")

    assert parse_qs(query)["where"] == ["engaged_ms,between,10,20"]
    assert ("option", {"value": "between", "selected": ""}) in page.tags
    assert ("option", {"value": "engaged_ms", "selected": ""}) in page.tags
    assert "10 and 20</textarea>" in page.html


@pytest.mark.parametrize(
    ("column", "how", "which", "said"),
    [
        ("path", "between", "1 and 2", "Others are for numbers."),
        ("path", "at_least", "1", "Others are for numbers."),
        ("scroll", "contains", "1", "The operator of a number is one of"),
        ("scroll", "one_of", "1", "The operator of a number is one of"),
        ("scroll", "between", "1", "It takes two values."),
        ("scroll", "between", "", "It takes two values."),
        ("scroll", "between", "20 and 10", "The smaller of the two values comes first."),
        ("scroll", "at_most", "many", "A value is a whole number"),
    ],
)
async def test_an_operator_of_the_other_kind_is_refused_in_a_sentence(
    garden: Garden, column: str, how: str, which: str, said: str
) -> None:
    status, body = await added(garden, column=column, how=how, which=which)

    assert status == 400
    assert said in body


def test_the_form_offers_every_number_and_the_words_of_every_operator() -> None:
    assert {*COLUMN_GROUPS["Numbers"]} == {*NUMBER_COLUMNS}
    assert {*OPERATOR_WORDS} == {*OPERATORS, *NUMBER_OPERATORS, *GOAL_OPERATORS}


async def test_a_condition_is_changed_in_its_place(garden: Garden) -> None:
    _, to = await added(
        garden,
        where="country,is,DE;path,is,/a",
        replaces="0",
        column="country",
        how="is_not",
        which="FR",
    )

    assert parse_qs(urlsplit(to).query)["where"] == ["country,is_not,FR;path,is,/a"]


@pytest.mark.parametrize(
    "fields",
    [
        {"column": "", "which": "x"},
        {"column": "no_such", "which": "x"},
        {"column": "path", "how": "eats", "which": "x"},
        {"column": "path", "how": "matches", "which": "((a+)+)+$" * 60},
        {"column": "path", "how": "matches", "which": "("},
        {"column": "path", "how": "contains", "which": ""},
        {"column": "path", "which": "x" * 1001},
        {"column": "path", "which": "x", "report": "//evil.example"},
        {"column": "path", "which": "x", "report": "/../../account"},
    ],
)
async def test_a_form_without_meaning_is_refused(garden: Garden, fields: dict[str, str]) -> None:
    status, body = await added(garden, **fields)

    assert status == 400
    assert '"field"' in body


async def test_the_form_opens_on_the_condition_that_is_pressed(garden: Garden) -> None:
    some_visits(garden)
    page = await garden.overview(f"{WEEK}&where=path,contains,%2Fa&edit=0")

    assert page.fields["replaces"] == "0"
    assert ("details", {"class": "menu", "id": "add-filter", "open": ""}) in page.tags
    assert ("option", {"value": "contains", "selected": ""}) in page.tags


async def test_a_hostile_value_is_text_in_the_page(garden: Garden) -> None:
    value = "<script>alert(1)</script>"
    page = await garden.overview(f"{WEEK}&{urlencode({'where': f'path,is,{value}'})}")

    assert value not in page.html
    assert value in page.text


async def test_a_column_of_another_purpose_is_neither_offered_nor_asked(garden: Garden) -> None:
    page = await garden.overview(WEEK)
    client = await garden.signed_in()
    refused = await client.get(f"/sites/{garden.site.key}{WEEK}&where=amount,is,1")

    assert ("option", {"value": "amount"}) not in page.tags
    assert refused.status_code == 400


async def test_every_report_in_the_header_keeps_period_filters_and_comparison(
    garden: Garden,
) -> None:
    page = await garden.overview(f"{WEEK}&against=year&where=country,is,DE")
    site = f"/sites/{garden.site.key}"

    for name, path in (("Goals", "/goals"), ("Paths", "/paths"), ("Return", "/return")):
        to = urlsplit(page.links[name])
        assert to.path == f"{site}{path}"
        assert parse_qs(to.query) == {
            "period": ["7d"],
            "against": ["year"],
            "where": ["country,is,DE"],
        }, name
    kept = parse_qs(urlsplit(page.links["Choices"]).query)  # for the way back: none narrows it
    assert kept["where"] == ["country,is,DE"]


async def test_patterns_are_compiled_beside_the_event_loop(
    garden: Garden, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RE2 takes up to 0.1 s for those of one segment, in which nothing else would be answered."""
    threads: list[threading.Thread] = []
    database = patterns._database

    def noting() -> Any:
        threads.append(threading.current_thread())
        return database()

    monkeypatch.setattr(patterns, "_database", noting)
    client = await garden.signed_in()
    path = f"/sites/{garden.site.key}"
    form = {"report": "", "column": "path", "how": "matches", "which": "^/typed"}
    kept = Segment((Condition("path", "matches", ("^/kept",)),))
    async with garden.deps.ledger.write() as connection:
        saved = SavedSegments(garden.deps.ledger, garden.clock)
        await saved.keep(connection, garden.site.id, ("Kept", kept), "owner@example.org")

    assert (await client.get(f"{path}?where=path,matches,^/address")).status_code == 200
    assert (await client.get(f"{path}/filter?{urlencode(form)}")).status_code == 303
    assert (await client.get(f"{path}/segments")).status_code == 200
    assert len(threads) >= 3
    assert threading.main_thread() not in threads
