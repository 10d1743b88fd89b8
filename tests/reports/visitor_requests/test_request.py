"""A request has a log of what was done, and after an erasure keeps its dates and forgets whom."""

import pytest

from tests.reports.garden import ANNA, BERT, EMAIL, Garden
from tests.reports.reading import Reading
from tests.reports.visitor_requests.numbers import RECORD, anna, told

ASKED = {"kind": "erase", "way": "mail", "came_on": "2025-12-31"}
PATH = "/requests/1"


async def _noted(garden: Garden, **fields: str):
    """Return the owner's browser, with one request."""
    client = await garden.signed_in()
    answer = await garden.post(client, "/requests", **ASKED | fields)
    assert answer.status_code == 303, answer.text
    return client


async def _page(garden: Garden, client, path: str = PATH) -> Reading:
    answer = await client.get(f"/sites/{garden.site.key}{path}")
    assert answer.status_code == 200, answer.text
    return Reading(answer.text)


async def _done(garden: Garden, client, act: str, said: str = "") -> int:
    return (await garden.post(client, f"{PATH}/acts", act=act, said=said)).status_code


async def test_what_was_done_is_logged_with_who_and_when(garden: Garden) -> None:
    client = await _noted(garden)
    assert await _done(garden, client, "identity", "by telephone") == 303
    assert await _done(garden, client, "extended", "Many visits") == 303
    extended = await _page(garden, client)
    assert await _done(garden, client, "refused", "Not theirs") == 303
    refused = await _page(garden, client)
    assert await _done(garden, client, "reopened", "It was theirs") == 303
    assert await _done(garden, client, "answered") == 303
    last = await _page(garden, client)
    page = told(last)

    assert (extended.figures["Due"], extended.figures["State"]) == (["31 Mar"], ["Extended"])
    assert refused.figures["State"] == ["Refused"]
    assert last.figures["Identity"] == ["by telephone"]
    said = (
        "noted the request",
        "checked the identity: by telephone",
        "extended by two months: Many visits",
        "refused: Not theirs",
        "opened it again: It was theirs",
        "answered",
    )
    places = [page.index(f"{EMAIL} {one}") for one in said]
    assert places == sorted(places)
    assert "Today, 13:00" in page
    assert [act for act, *_ in await garden.acts()] == ["request_noted", *["request_changed"] * 5]


async def test_a_request_that_was_extended_is_extended_when_it_is_opened_again(
    garden: Garden,
) -> None:
    client = await _noted(garden)
    for act in ("extended", "answered", "reopened"):
        assert await _done(garden, client, act, "x") == 303

    assert (await _page(garden, client)).figures["State"] == ["Extended"]


@pytest.mark.parametrize("before", ["", "answered", "extended"])
async def test_a_step_that_the_state_does_not_allow_is_refused(garden: Garden, before: str) -> None:
    client = await _noted(garden)
    allowed = {
        "": ("identity", "extended", "refused", "answered"),
        "extended": ("identity", "refused", "answered"),
        "answered": ("reopened",),
    }
    if before:
        assert await _done(garden, client, before, "x") == 303
    offered = [
        given["value"] for tag, given in (await _page(garden, client)).tags if tag == "option"
    ]

    assert set(offered) - {""} == set(allowed[before])
    for act in {"identity", "extended", "refused", "answered", "reopened", "x", ""} - set(
        allowed[before]
    ):
        assert await _done(garden, client, act, "x") == 422, act


async def test_a_reason_is_needed_bounded_and_without_the_visitors_number(garden: Garden) -> None:
    client = await _noted(garden)
    tries = [("refused", ""), ("extended", " "), ("identity", ""), ("refused", "x" * 501)]
    tries += [("identity", "x" * 301), ("answered", f"to {ANNA}"), ("answered", "\u202e")]

    assert [await _done(garden, client, *one) for one in tries] == [422] * len(tries)
    assert (await _page(garden, client)).figures["State"] == ["Open"]


async def test_an_extension_is_refused_once_the_month_is_over(garden: Garden) -> None:
    client = await _noted(garden, came_on="2025-11-30")
    answer = await garden.post(client, f"{PATH}/acts", act="extended", said="Much work")

    assert answer.status_code == 422
    assert "an extension has to be told within it" in told(Reading(answer.text))
    assert "Overdue: the answer was due 30 Dec 2025." in told(await _page(garden, client))


async def test_html_is_shown_as_it_was_typed(garden: Garden) -> None:
    client = await _noted(garden)
    await _done(garden, client, "refused", "<script>alert(1)</script> =1+1")
    page = await _page(garden, client)

    assert "<script>alert(1)</script> =1+1" in told(page)
    assert "<script>alert" not in page.html


async def test_whom_a_request_is_of_is_said_once(garden: Garden) -> None:
    await anna(garden)
    client = await _noted(garden)
    unknown = await garden.post(client, f"{PATH}/whose", number="d" * 32)
    assert (await garden.post(client, f"{PATH}/whose", number=RECORD)).status_code == 303
    again = await garden.post(client, f"{PATH}/whose", number=BERT)
    page = await _page(garden, client)
    actions = [given.get("formaction", "") for tag, given in page.tags if tag == "button"]

    assert (unknown.status_code, again.status_code) == (422, 422)
    assert page.links["Open the visitor"].endswith(f"/visitors/{ANNA}")
    assert f"/sites/{garden.site.key}/visitors/{ANNA}/erase" in actions
    assert (ANNA, EMAIL, "found by a number") in await garden.entries()


async def test_law_6_an_erased_visitors_request_keeps_its_dates_and_state_and_no_word_of_them(
    garden: Garden,
) -> None:
    await anna(garden)
    client = await _noted(garden, number=RECORD, identity="known by a scar")
    await _done(garden, client, "identity", "known by a limp")
    erased = await garden.post(client, f"/visitors/{ANNA}/erase", sure="yes")
    page = await _page(garden, client)

    assert erased.status_code == 200
    assert page.figures["Of whom"] == ["Erased since"]
    assert page.figures["State"] == ["Open"]
    assert page.figures["Came"] == ["31 Dec 2025, by email"]
    assert page.figures["Due"] == ["31 Jan"]
    for gone in (ANNA, "scar", "limp"):
        assert gone not in page.html
    assert "Open the visitor" not in page.links
    assert "Find the visitor" not in page.text
    assert (await garden.post(client, f"{PATH}/whose", number=BERT)).status_code == 422
    assert await _done(garden, client, "answered") == 303


@pytest.mark.parametrize("number", ["2", "x", "1" * 11])
async def test_there_is_no_request_of_another_number(garden: Garden, number: str) -> None:
    client = await _noted(garden)
    answer = await client.get(f"/sites/{garden.site.key}/requests/{number}")
    done = await garden.post(client, f"/requests/{number}/acts", act="answered")

    assert (answer.status_code, done.status_code) == (404, 404)


async def test_another_site_does_not_know_the_request(garden: Garden) -> None:
    client = await _noted(garden)
    path = f"/sites/{garden.other.key}{PATH}"
    csrf = Reading((await client.get("/sites/new")).text).fields["csrf"]
    done = await client.post(f"{path}/acts", data={"csrf": csrf, "act": "answered"})

    assert ((await client.get(path)).status_code, done.status_code) == (404, 404)
    assert (await _page(garden, client)).figures["State"] == ["Open"]
