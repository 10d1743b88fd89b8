"""A click and the page that it opened are one line, and no event is lost or told twice."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.columns import COLUMNS, nothing_of
from askfirst.rules.corrections import HIDDEN
from reports.visitors.facts import shared_facts
from reports.visitors.visit_lines import lines_of, other_address
from tests.effort import least_seconds

START = datetime(2026, 1, 1, 10)  # noqa: DTZ001 - the warehouse's times are naive UTC
PATHS = ("/", "/a", "/a/", "/b", "/c%C3%A9")
_NOTHING = {one.name: nothing_of(one) for one in COLUMNS}


def view(second: float, path: str, **more: str) -> dict[str, Any]:
    time = START + timedelta(seconds=second)
    return {
        **_NOTHING,
        "kind": "page_view",
        "time": time,
        "host": "example.org",
        "path": path,
    } | more


def click(second: float, link: str, kind: str = "internal") -> dict[str, Any]:
    return view(second, "/at") | {"kind": "link_click", "link_url": link, "link_kind": kind}


def read(second: float, path: str, ms: int, scroll: int = 0) -> dict[str, Any]:
    return view(second, path) | {"kind": "engagement", "engaged_ms": ms, "scroll": scroll}


def told(*rows: dict[str, Any], hosts: int = 1) -> list[tuple[str, str, str]]:
    return [(line.kind, line.what, line.via) for line in lines_of(rows, hosts)]


def test_thousands_of_clicks_in_a_minute_are_arranged_at_once() -> None:
    """Who sends without end must not hold up those who read: each click looks for its page."""
    rows = []
    for number in range(5000):
        rows += [view(number / 100, "/elsewhere"), click(number / 100, "https://example.org/none")]

    assert len(lines_of(rows, 1)) == 10_000
    seconds = least_seconds(lambda: lines_of(rows, 1), goes=1)
    assert seconds < 10  # to compare each click with each view takes minutes


def test_a_page_that_was_read_says_how_long_and_how_far() -> None:
    rows = [view(0, "/a"), read(60, "/a", 50_000, 40), view(70, "/b"), read(400, "/b", 330_000, 90)]
    later = [*rows, read(500, "/a", 10_000, 60)]

    lines = lines_of(later, 1)

    assert [(line.what, line.via, line.stay) for line in lines] == [
        ("/a", "60% of it seen", 60),
        ("/b", "90% of it seen", 330),
    ]


def test_pages_that_only_the_rest_of_the_address_tells_apart_are_read_each_by_itself() -> None:
    rows = [
        view(0, "/list", query="page=1"),
        view(10, "/list", query="page=2"),
        read(15, "/list", 5_000, 20) | {"query": "page=2"},
        read(40, "/list", 9_000, 80) | {"query": "page=1"},
    ]

    assert [(line.what, line.via, line.stay) for line in lines_of(rows, 1)] == [
        ("/list?page=1", "80% of it seen", 9),
        ("/list?page=2", "20% of it seen", 5),
    ]


def test_what_is_known_of_a_visitor_is_said_in_words_and_not_in_codes() -> None:
    known = {
        "languages": "de-AT, en",
        "channel": "paid_search",
        "bot_rule": "agent:Examplebot",
        "screen": "1920x1080",
        "query": "page=1",
        "amount": 19_990,
    }
    facts = shared_facts([view(0, "/") | {"visit_id": "1", "event_id": "1"} | known])

    assert [(one.label, one.value) for one in facts] == [
        ("All languages", "German (AT), English"),
        ("Channel", "Paid search"),
        ("Taken for a program", "Named as a program: Examplebot"),
        ("Screen size", "1920x1080"),
    ]


def test_what_is_no_page_and_no_link_is_said_in_words() -> None:
    at = view(0, "/shop")
    paid = {
        "event_name": "order",
        "event_props": '{"items":3}',
        "amount": 19_990,
        "currency": "EUR",
    }

    assert told(
        at | {"status": 404},
        at | {"kind": "web_vitals", "lcp_ms": 900},
        at | {"kind": "form_submit", "form": "newsletter"},
        at | {"kind": "form_submit", "form": "-"},
        at | {"kind": "custom_event", **paid},
        click(1, "mailto:info@example.org", "mail"),
        click(2, "tel:+491234", "telephone"),
    ) == [
        ("page", "/shop", "not found, loaded in 900 ms"),
        ("form", "Sent the form newsletter", ""),
        ("form", "Sent a form", ""),
        ("action", "order", "19.99 EUR, items: 3"),
        ("out", "Opened a mail to info@example.org", "by a link"),
        ("out", "Opened a call to +491234", "by a link"),
    ]


def test_a_click_and_the_page_that_it_opened_are_one_line() -> None:
    lines = told(view(0, "/"), click(5, "https://example.org/events"), view(5.4, "/events"))

    assert lines == [("page", "/", ""), ("click", "/events", "by a link")]


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("https://example.org/a", "/a/"),
        ("http://EXAMPLE.org/a/", "/a"),
        ("https://example.org", "/"),
        ("https://example.org/a#part", "/a"),
        ("https://example.org/a?q=1", "/a"),
    ],
)
def test_an_address_is_the_same_in_all_its_spellings(link: str, path: str) -> None:
    assert [kind for kind, _, _ in told(view(0, "/x"), click(1, link), view(2, path))] == [
        "page",
        "click",
    ]


@pytest.mark.parametrize(
    ("link", "path", "late"),
    [
        ("https://example.org/a", "/b", 1),
        ("https://other.example.org/a", "/a", 1),
        ("https://example.org/a", "/a", 61),
        ("https://example.org/a", "/a", -1),
    ],
)
def test_a_page_that_the_click_did_not_open_stays_a_line_of_its_own(
    link: str, path: str, late: float
) -> None:
    rows = sorted([click(10, link), view(10 + late, path)], key=lambda row: row["time"])

    assert {kind for kind, _, _ in told(*rows)} == {"link", "page"}


def test_a_page_with_a_title_is_called_by_it_and_has_its_path_behind() -> None:
    rows = [
        view(0, "/", title="Harbour\n Lane"),
        click(5, "https://example.org/knots"),
        view(6, "/knots", title="Seven knots", query="part=2"),
    ]

    assert told(*rows) == [
        ("page", "Harbour Lane", "/"),
        ("click", "Seven knots", "/knots?part=2, by a link"),
    ]
    assert told(*rows, hosts=2)[0] == ("page", "Harbour Lane", "example.org/")


def test_two_clicks_open_no_page_together() -> None:
    lines = told(
        click(1, "https://example.org/a"), click(2, "https://example.org/a"), view(3, "/a")
    )

    assert sorted(kind for kind, _, _ in lines) == ["click", "link"]


def test_files_and_other_sites_are_told_in_words() -> None:
    lines = told(
        click(1, "https://www.other.example/page/", "outbound"),
        click(2, "https://other.example", "outbound"),
        click(3, "https://example.org/files/list%20of%C3%A9.csv", "download"),
        click(4, "https://example.org/nowhere?q=1"),
    )

    assert lines == [
        ("out", "Left for other.example", "other.example/page"),
        ("out", "Left for other.example", ""),
        ("file", "Downloaded list%20ofé.csv", "example.org/files/list%20ofé.csv"),
        ("link", "Followed a link to /nowhere?q=1", ""),
    ]


def test_the_host_is_told_only_where_the_visitor_was_on_several() -> None:
    rows = [view(0, "/a"), view(1, "/a", host="shop.example.org")]

    assert [what for _, what, _ in told(*rows)] == ["/a", "/a"]
    assert [what for _, what, _ in told(*rows, hosts=2)] == ["example.org/a", "shop.example.org/a"]


def test_a_hidden_page_and_a_hidden_link_are_said_in_words_and_belong_to_no_host() -> None:
    kinds = ("internal", "download", "outbound", "mail", "telephone")
    rows = [view(0, HIDDEN), *(click(200, HIDDEN, kind) for kind in kinds)]
    found = told(*rows, hosts=2)

    assert [what for _, what, _ in found] == [
        HIDDEN,
        f"Followed a link to {HIDDEN}",
        f"Downloaded {HIDDEN}",
        f"Left for {HIDDEN}",
        f"Opened a mail to {HIDDEN}",
        f"Opened a call to {HIDDEN}",
    ]
    assert "%20" not in str(found)


def test_a_referrer_is_told_unless_the_heading_told_it() -> None:
    row = view(0, "/", referrer="https://www.news.example/item/", referrer_host="news.example")

    assert lines_of([row], 1)[0].via == "from news.example/item"
    assert lines_of([row], 1, "news.example/item")[0].via == ""


def test_a_page_stays_until_the_next_one_or_the_last_event() -> None:
    rows = [
        view(0, "/"),
        click(30, "https://example.org/a"),
        view(31, "/a"),
        click(91, "https://out.example/", "outbound"),
    ]

    assert [line.stay for line in lines_of(rows, 1)] == [31, 60, None]
    assert [line.stay for line in lines_of([view(0, "/")], 1)] == [None]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://www.example.org/", "example.org"),
        ("http://example.org/a/", "example.org/a"),
        ("news.example", "news.example"),
        ("https://xn--mnchen-3ya.de/caf%C3%A9", "münchen.de/café"),
        ("", ""),
    ],
)
def test_another_sites_address_has_no_scheme_no_www_and_no_last_slash(
    address: str, shown: str
) -> None:
    assert other_address(address) == shown


_VIEWS = st.builds(view, st.integers(0, 200), st.sampled_from(PATHS))
_LINKS = st.sampled_from(PATHS).map("https://example.org".__add__)
_CLICKS = st.builds(
    click, st.integers(0, 200), _LINKS, st.sampled_from(["internal", "outbound", "download"])
)
VISITS = st.lists(_VIEWS | _CLICKS, min_size=1, max_size=30).map(
    lambda rows: sorted(rows, key=lambda row: row["time"])
)


@given(VISITS)
def test_every_page_view_is_one_line_and_every_click_is_one_or_part_of_one(
    rows: list[dict[str, Any]],
) -> None:
    lines = lines_of(rows, 1)
    kinds = [line.kind for line in lines]
    by_link = kinds.count("click")
    internal = sum(row["link_kind"] == "internal" for row in rows)

    assert by_link + kinds.count("page") == sum(row["kind"] == "page_view" for row in rows)
    assert by_link + kinds.count("link") == internal
    assert kinds.count("out") == sum(row["link_kind"] == "outbound" for row in rows)
    assert kinds.count("file") == sum(row["link_kind"] == "download" for row in rows)
    assert [line.time for line in lines] == sorted(line.time for line in lines)


@given(VISITS)
def test_no_internal_click_stays_alone_beside_a_page_that_it_could_have_opened(
    rows: list[dict[str, Any]],
) -> None:
    lines = lines_of(rows, 1)
    alone = [line for line in lines if line.kind == "link"]
    pages = [line for line in lines if line.kind == "page"]

    for link in alone:
        target = link.what.removeprefix("Followed a link to ").rstrip("/")
        for page in pages:
            late = page.time - link.time
            assert page.what.rstrip("/") != target or not (
                timedelta(0) <= late <= timedelta(minutes=1)
            )


@given(VISITS)
def test_the_stays_of_the_pages_come_to_no_more_than_the_visit(rows: list[dict[str, Any]]) -> None:
    stays = [line.stay for line in lines_of(rows, 1) if line.stay is not None]

    assert sum(stays) <= (rows[-1]["time"] - rows[0]["time"]).total_seconds()
    assert all(stay > 0 for stay in stays)
