"""Floods of the consent endpoints, with a stopped clock, keep nobody from leaving."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from consent.http.rate_limit import OF_A_CONSENT

OTHERS = 20  # of each kind but yeses, in a minute
FORM = "http://ask.example.org"


async def junk(room: Any) -> list[httpx2.Response]:
    return [await room.post("/consent", b'{"x":1}') for _ in range(OTHERS)]


async def elsewhere(room: Any) -> list[httpx2.Response]:
    wrong = {"Origin": "https://evil.example"}
    return [await room.post("/consent/erase", b'{"x":1}', **wrong) for _ in range(OTHERS)]


async def too_long(room: Any) -> list[httpx2.Response]:
    return [await room.post("/consent", b" " * 70_000) for _ in range(OTHERS)]


async def forged(room: Any) -> list[httpx2.Response]:
    return [await room.withdraw("forged") for _ in range(OTHERS)]


async def noes(room: Any) -> list[httpx2.Response]:
    return [await room.refuse() for _ in range(OTHERS + 1)]


async def forms(room: Any) -> list[httpx2.Response]:
    path = f"/choice/{room.site.key}"
    return [await room.post(path, b"choice=x", Origin="https://evil") for _ in range(OTHERS)]


async def receipts(room: Any) -> list[httpx2.Response]:
    path, form = f"/receipt/{room.site.key}", {"Content-Type": "application/x-www-form-urlencoded"}
    return [await room.post(path, b"token=x", **form) for _ in range(OTHERS)]


async def checks(room: Any) -> list[httpx2.Response]:
    path = f"/verify/{room.site.key}"
    return [await room.post(path, b"receipt=x") for _ in range(OTHERS)]


FLOODS = (junk, elsewhere, too_long, forged, noes, forms, receipts, checks)
Flood = Callable[[Any], Awaitable[list[httpx2.Response]]]


@pytest.mark.parametrize("flood", FLOODS)
async def test_law_5_whatever_an_address_sends_its_people_withdraw_erase_and_refuse(
    open_room, flood: Flood
):
    room = await open_room(choices_per_minute=2)
    first, second = await room.token(), await room.token()
    await flood(room)
    await flood(room)
    left = [await room.withdraw(first), await room.erase(second), await room.refuse()]

    assert [answer.status_code for answer in left] == [200, 200, 200]


@pytest.mark.parametrize("flood", FLOODS)
async def test_law_5_whatever_an_address_sends_its_people_leave_by_the_form(
    open_room, flood: Flood
):
    room = await open_room(choices_per_minute=2, public_url="http://www.example.org")
    token = await room.token()
    await flood(room)
    await flood(room)

    async def press(choice: str) -> int:
        form = {"choice": choice, "token": token}
        path = f"/choice/{room.site.key}?from=http://www.example.org"
        headers = {"Origin": "http://www.example.org"}
        answer = await room.browser.post(path, data=form, headers=headers)
        return int(answer.status_code)

    assert [await press(choice) for choice in ("withdraw", "erase", "refuse")] == [200] * 3


@pytest.mark.parametrize("flood", [junk, elsewhere, too_long, forged])
async def test_junk_of_one_address_is_turned_away_and_tallied(open_room, flood: Flood):
    room = await open_room(choices_per_minute=2)
    first, then = await flood(room), (await flood(room))[0]
    room.clock.now += 60_000
    later = (await flood(room))[0]

    assert 429 not in {answer.status_code for answer in first}
    assert then.status_code == 429
    assert then.json()["error"]["code"] == "too_fast"
    assert 1 <= int(then.headers["retry-after"]) <= 60
    assert later.status_code == first[0].status_code


@pytest.mark.parametrize("flood", [junk, forged, noes, forms, receipts, checks])
async def test_a_flood_of_one_kind_takes_nothing_of_the_others(open_room, flood: Flood):
    room = await open_room(choices_per_minute=2)
    await flood(room)
    token = await room.token()
    asked = await room.post("/consent/receipt", {"site": room.site.key, "token": token})
    checked = await room.post(f"/verify/{room.site.key}", b"receipt=x")

    assert asked.status_code == (429 if flood is receipts else 200)
    assert checked.status_code == (429 if flood is checks else 200)


async def test_one_consent_is_withdrawn_or_erased_so_often_a_minute_and_others_go_on(open_room):
    room = await open_room(choices_per_minute=2)
    token, other = await room.token(), await room.token()
    answers = [await room.withdraw(token) for _ in range(OF_A_CONSENT)]
    too_many = [await room.withdraw(token), await room.erase(token)]
    calm = await room.withdraw(other)
    room.clock.now += 60_000
    later = await room.erase(token)

    assert [answer.status_code for answer in answers] == [200] * OF_A_CONSENT
    assert [answer.status_code for answer in too_many] == [429, 429]
    assert (calm.status_code, later.status_code) == (200, 200)


async def test_a_token_that_is_not_of_this_server_takes_nothing_of_a_consents_count(open_room):
    room = await open_room(choices_per_minute=2)
    token = await room.token()
    for _ in range(OF_A_CONSENT):
        await room.withdraw(token[:-3] + "abc")

    assert (await room.withdraw(token)).status_code == 200


async def test_law_8_a_no_too_many_is_answered_and_tallied_as_such(open_room):
    room = await open_room(choices_per_minute=2)
    answers = await noes(room)

    assert {answer.status_code for answer in answers} == {200}
    assert "set-cookie" in answers[-1].headers
    assert await room.tally() == {"refused": OTHERS, "too_fast": 1}


async def test_of_a_body_no_more_is_read_than_may_be_before_any_count(open_room):
    read = 0

    async def chunks():
        nonlocal read
        for _ in range(1000):
            read += 1024
            yield b"x" * 1024

    room = await open_room()
    answer = await room.browser.post("/consent", content=chunks())

    assert answer.status_code == 413
    assert read <= 66 * 1024
