"""The page about paths: the flow equals a count by hand, and each row leads on."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from reports.paths.flow_figure import MOST_NODES, flow_of
from reports.paths.naming import Step
from tests.reports.garden import BERT, CLEO, Garden
from tests.reports.reading import Reading

DAYS = "period=custom&from=2025-12-01&to=2025-12-07"


def walk(garden: Garden, visitor: str, visit: str, hour: int, *steps: str) -> None:
    """Note a visit of 3 December, a step a minute: a path, or "-> address" for a link out."""
    for minute, step in enumerate(steps):
        changes = {"path": step}
        if step.startswith("-> "):
            changes = {"kind": "link_click", "link_url": step[3:], "link_kind": "outbound"}
        time = f"2025-12-03T{hour:02d}:{minute:02d}:00"
        garden.event(time, visitor_id=visitor, visit_id=f"{visitor}-{visit}", **changes)


def three_visits(garden: Garden) -> None:
    walk(garden, BERT, "1", 9, "/", "/shop", "/shop", "-> https://example.net/", "/shop", "/cart")
    walk(garden, BERT, "2", 12, "/shop")
    walk(garden, CLEO, "1", 9, "/", "/shop", "/cart", "/shop", "/")


async def opened(garden: Garden, query: str, status: int = 200) -> Reading:
    garden.store()
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}/paths?{query}")
    assert answer.status_code == status, answer.text
    return Reading(answer.text)


def nodes(page: Reading) -> tuple[dict[str, str], dict[str, str]]:
    """Return the nodes before and after the page in the middle: words and addresses."""
    flow = page.html.split('class="flow"')[1].split("flow-foot")[0]
    before, after = flow.split('class="here"')
    return Reading(before).links, Reading(after).links


def asked(href: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(href).query)


async def test_the_flow_through_a_page_equals_a_count_by_hand_and_each_row_leads_on(
    garden: Garden,
) -> None:
    three_visits(garden)
    page = await opened(garden, f"{DAYS}&at=/shop")
    before, after = nodes(page)

    assert "5 times in 3 visits of 2 visitors" in " ".join(page.text.split())
    assert list(before) == [
        "/ 2 40%",
        "The visit began here 1 20%",
        "/cart 1 20%",
        "example.net/ (a link that leads out) 1 20%",
    ]
    assert list(after) == [
        "/cart 2 40%",
        "The visit ended here 1 20%",
        "/ 1 20%",
        "example.net/ (a link that leads out) 1 20%",
    ]
    assert asked(before["/cart 1 20%"])["at"] == ["/cart"]
    assert asked(before["The visit began here 1 20%"])["where"] == ["entry,is,/shop"]
    assert asked(after["The visit ended here 1 20%"])["where"] == ["leaving,is,/shop"]
    link = after["example.net/ (a link that leads out) 1 20%"]
    assert asked(link)["where"] == ["link_url,is,https://example.net/"]
    assert all(asked(href)["period"] == ["custom"] for href in (*before.values(), *after.values()))


async def test_links_that_write_or_call_are_steps_in_words(garden: Garden) -> None:
    walk(garden, BERT, "1", 9, "/contact", "-> mailto:desk@example.org", "-> tel:+49-30-123")
    before, after = nodes(await opened(garden, f"{DAYS}&at=/contact"))
    listed = await opened(garden, f"{DAYS}&show=used&steps=3")
    [row] = listed.tables["Most used paths"]

    assert "E-mail to desk@example.org (a link that leads out) 1 100%" in after
    assert row[0] == "/contact then E-mail to desk@example.org then Call to +49-30-123"
    assert list(before) == ["The visit began here 1 100%"]


async def test_filters_restrict_the_flow_and_a_chosen_row_leads_back_out(garden: Garden) -> None:
    three_visits(garden)
    page = await opened(garden, f"{DAYS}&at=/shop&where=leaving,is,/shop")
    before, after = nodes(page)
    assert (list(before), list(after)) == (
        ["The visit began here 1 100%"],
        ["The visit ended here 1 100%"],
    )
    assert "where" not in asked(after["The visit ended here 1 100%"])


async def test_without_a_choice_the_most_viewed_page_is_in_the_middle(garden: Garden) -> None:
    three_visits(garden)
    page = await opened(garden, DAYS)
    assert "5 times in 3 visits" in " ".join(page.text.split())


async def test_pages_are_found_by_a_part_of_their_path_in_any_case(garden: Garden) -> None:
    three_visits(garden)
    page = await opened(garden, f"{DAYS}&find=CAR")
    menu = Reading(page.html.split("find-page")[1].split("</details>")[0])
    assert list(menu.links) == ["/cart"]
    assert asked(menu.links["/cart"])["at"] == ["/cart"]
    page = await opened(garden, f"{DAYS}&find=%25")
    assert "No page of these days has “%”" in page.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (f"{DAYS}&at=/nowhere", "No visit that began in these days has /nowhere."),
        (f"{DAYS}&at=", "No visit that began in these days has (no path)."),
        ("period=7d", "No page was viewed in these days."),
        (f"{DAYS}&where=country,is,FR", "No page was viewed in these days by the visits"),
        (f"{DAYS}&show=used&steps=5&where=country,is,FR", "has so many steps."),
        (f"{DAYS}&show=used&page=9", "There are no more paths."),
        (f"{DAYS}&at=%3Cscript%3E", "<script>"),
    ],
)
async def test_an_empty_page_says_so_and_what_to_do(garden: Garden, query: str, said: str) -> None:
    three_visits(garden)
    page = await opened(garden, query)
    assert said in " ".join(page.text.split())


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("show=x", "show"),
        ("steps=1", "steps"),
        ("steps=6", "steps"),
        ("steps=02", "steps"),
        (f"at={'a' * 1001}", "at"),
        (f"find={'a' * 1001}", "find"),
        ("page=0", "page"),
        ("where=nothing,is,1", "where"),
    ],
)
async def test_what_an_address_cannot_mean_is_refused(
    garden: Garden, query: str, field: str
) -> None:
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}/paths?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == field


async def test_the_most_used_paths_are_listed_with_visits_and_visitors(garden: Garden) -> None:
    three_visits(garden)
    walk(garden, BERT, "3", 15, "/", "/shop")
    page = await opened(garden, f"{DAYS}&show=used&steps=2")
    rows = page.tables["Most used paths"]
    assert rows[0] == ["/ then /shop", "3", "2"]
    assert rows[1] == ["/shop then /cart", "2", "2"]
    assert sorted(row[0] for row in rows[2:]) == [
        "/cart then /shop",
        "/shop then /",
        "/shop then example.net/",
        "example.net/ then /shop",
    ]
    page = await opened(garden, f"{DAYS}&show=used&steps=5")
    assert [row[1:] for row in page.tables["Most used paths"]] == [["1", "1"]] * 2


async def test_clicks_are_no_steps_where_the_policy_gives_them_to_another_purpose(
    garden: Garden, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_visits(garden)
    monkeypatch.setitem(garden.site.column_purposes, "link_url", "marketing")
    page = await opened(garden, f"{DAYS}&at=/shop")
    assert "4 times in 3 visits" in " ".join(page.text.split())
    assert "example.net" not in page.text


def test_what_does_not_fit_is_one_row_that_shows_all(frame: Callable[..., object]) -> None:
    count = MOST_NODES + 5
    names = {n: Step(f"/{n:02d}") for n in range(1, count + 1)}
    rows = frame([(n, 100 - n, side) for side in (-1, 1) for n in names] + [(0, 1, -1)])
    short = flow_of("/", rows, names, (1, 1), lambda step, side: ("", False), "?all")
    nodes = short.before.nodes
    assert [node.name for node in nodes[:2]] == ["/01", "/02"]
    assert [node.kind for node in nodes[-2:]] == ["edge", "rest"]
    assert (nodes[-1].name, nodes[-1].href) == ("5", "?all")
    assert len(short.before.bands) == len(nodes)
    assert sum(node.share for node in nodes) == pytest.approx(1)
    whole = flow_of("/", rows, names, (1, 1), lambda step, side: ("", False), "")
    assert [len(side.nodes) for side in (whole.before, whole.after)] == [count + 1, count]


@pytest.fixture
def frame() -> Callable[..., object]:
    """Return what builds the answer of `flow` from rows of step, times and side."""
    import pandas as pd

    return lambda rows: pd.DataFrame(rows, columns=["step", "times", "side"])
