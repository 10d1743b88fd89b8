"""The overview is sent in two parts: figures and chart at once, the lists when they are known."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import Message

from askfirst.errors import Unavailable
from askfirst.store.warehouse.answering.page import Page
from reports.overview.overview import LATER
from reports.questions.lists import lists
from tests.reports.garden import Garden
from tests.reports.reading import Reading

Before = Callable[[], None]


def before_lists(monkeypatch: pytest.MonkeyPatch, act: Before) -> None:
    """Let something happen before the question about lists is answered."""
    rows = Page.rows

    def asked(page: Page, question: Any, *values: Any) -> Any:
        if question is lists:
            act()
        return rows(page, question, *values)

    monkeypatch.setattr(Page, "rows", asked)


async def parts_of(garden: Garden, sent: threading.Event) -> list[str]:
    """Return the parts of the overview as they are sent; `sent` is set with the first."""
    app, parts = garden.app(), []
    client = await garden.signed_in(app)
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "https",
        "path": f"/sites/{garden.site.key}",
        "query_string": b"period=7d",
        "headers": [(b"cookie", cookies.encode())],
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            parts.append(message["body"].decode())
            sent.set()

    await app({**scope, "asgi": {"spec_version": "2.4"}}, receive, send)
    return parts


async def test_figures_and_chart_are_sent_while_the_lists_are_still_asked_for(
    garden: Garden, monkeypatch: pytest.MonkeyPatch
) -> None:
    garden.event("2026-01-01T11:00", path="/knots")
    garden.store()
    sent = threading.Event()
    before_lists(monkeypatch, lambda: assert_true(sent.wait(60)))
    first, *others = await parts_of(garden, sent)

    assert "Page views" in first
    assert "<svg" in first
    assert "/knots" not in first
    assert "/knots" in "".join(others)


def assert_true(value: bool) -> None:
    assert value


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Unavailable("The warehouse has too little memory for this."), "too little memory"),
        (RuntimeError("a secret of the server"), "Something went wrong here; it is logged."),
    ],
)
async def test_lists_that_fail_say_so_in_their_place_below_the_figures(
    garden: Garden, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    garden.event("2026-01-01T11:00", path="/knots")
    garden.store()

    def fail() -> None:
        raise error

    before_lists(monkeypatch, fail)
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}?period=7d")
    page = Reading(answer.text)

    assert answer.status_code == 200
    assert words in answer.text
    assert "a secret" not in answer.text
    assert page.links["Try again"] == f"/sites/{garden.site.key}?period=7d"
    assert answer.text.rstrip().endswith("</html>")


async def test_the_whole_page_has_no_place_for_lists_left_and_a_value_cannot_look_like_one(
    garden: Garden,
) -> None:
    garden.event("2026-01-01T11:00", title=LATER)
    garden.store()
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}?period=7d&pages=titles")

    assert LATER not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "&lt;!-- lists --&gt;" in answer.text
