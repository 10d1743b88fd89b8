"""What one page of a person costs: it is bounded, made beside the requests, and counted."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from askfirst.store.personal_data import PersonalData
from askfirst.web.pages import Pages
from consent.http.cookie import cookie_name
from consent.http.rate_limit import OPENINGS
from consent.my_data import contents
from consent.my_data.derived import derived_facts
from consent.policy.my_data_words import words_in
from tests.consent.my_data.own_page import press, unpacked, visited
from tests.consent.public_pages import plain
from tests.factories import a_view
from tests.world import World, open_world

LEFT_OUT = "Only the newest are shown here. The file that you can take along has all of them."


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


async def test_law_6_of_a_long_visit_the_newest_steps_are_shown_and_the_file_has_every_one(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(contents, "MOST_STEPS_OF_VISIT", 2)
    mine = await visited(world, "/one", "/two", "/three", "/four", "/five")
    page = (await press(world, mine.token)).text
    steps = page.partition('<ol class="steps">')[2].partition("</ol>")[0]
    whole = unpacked(await press(world, mine.token, "take"))["page.html"].decode()

    assert [f"(/{name})" in steps for name in ("one", "two", "three", "four", "five")] == [
        False,
        False,
        False,
        True,
        True,
    ]
    assert f"{LEFT_OUT} 2 / 5" in plain(page)
    assert "Pages 5" in plain(page)
    assert whole.count("Page opened") == 5
    assert LEFT_OUT not in plain(whole)


async def test_all_visits_together_show_so_many_steps_and_each_visit_stays_erasable(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(contents, "MOST_STEPS", 3)
    mine = await visited(world, "/one", "/two")
    for path in ("/three", "/four"):
        world.clock.move(minutes=60)
        await mine.send(a_view(url=f"https://example.org{path}"))
        await world.rows()
    page = (await press(world, mine.token)).text

    assert page.count('value="hide_page"') == 3
    assert page.count('name="event"') == 3
    assert page.count('value="erase_visit"') == 3
    assert f"{LEFT_OUT} 1 / 2" in plain(page)


async def test_answers_beyond_the_newest_are_counted_and_not_written(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(contents, "MOST_ANSWERS", 2)
    mine = await visited(world, "/one")
    await mine.withdraw()
    await mine.accept(token=mine.token)
    page = (await press(world, mine.token)).text

    assert page.partition('<ol class="answers">')[2].count("<time") == 2
    assert f"{LEFT_OUT} 2 / 3" in plain(page)


def test_of_what_was_worked_out_the_newest_values_are_shown():
    columns = ("country", "region", "city", "device", "os", "browser", "language", "channel")
    rows = [dict.fromkeys(columns, "") | {"source": f"s{number}"} for number in range(5)]
    fields = {"source": {"title": "Source", "text": "From the address."}}
    [cut] = derived_facts(rows, fields, words_in("en"), "en", 2)
    [whole] = derived_facts(rows, fields, words_in("en"), "en")

    assert (cut.values, cut.is_whole) == (("s3", "s4"), False)
    assert (len(whole.values), whole.is_whole) == (5, True)


async def test_the_page_is_written_outside_the_event_loop(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    mine, threads = await visited(world, "/one"), []
    write = Pages.page

    def noted(self: Pages, *given: Any) -> Any:
        threads.append(threading.current_thread())
        return write(self, *given)

    monkeypatch.setattr(Pages, "page", noted)
    await press(world, mine.token)
    await press(world, mine.token, "restrict")

    assert len(threads) == 2
    assert threading.current_thread() not in threads


async def test_a_person_is_read_once_at_a_time_for_the_page(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    mine = await visited(world, "/one")
    read, reading, most = PersonalData.rows_of, 0, 0

    async def noted(self: PersonalData, *given: Any) -> Any:
        nonlocal reading, most
        reading += 1
        most = max(most, reading)
        found = await read(self, *given)
        reading -= 1
        return found

    monkeypatch.setattr(PersonalData, "rows_of", noted)
    answers = await asyncio.gather(*(press(world, mine.token) for _ in range(5)))

    assert {one.status_code for one in answers} == {200}
    assert most == 1


async def test_law_5_who_opens_the_page_too_often_waits_and_still_stops_and_erases(world: World):
    mine, other = await visited(world, "/one"), await visited(world, "/other")
    older = mine.token
    await mine.withdraw()
    await mine.accept(token=older)
    opened = [await press(world, (older, mine.token)[n % 2]) for n in range(OPENINGS)]
    cookie = {"Cookie": f"{cookie_name(world.site.key)}={mine.token}"}
    by_cookie = await world.client.get(f"/my-data/{world.site.key}", headers=cookie)
    world.client.cookies.clear()
    refused = [await press(world, mine.token, do) for do in ("", "take")]
    others = await press(world, other.token)
    counted = (await world.tally())["too_fast"]
    restricted = await press(world, mine.token, "restrict")
    stopped = await press(world, mine.token, "stop")
    erased = await press(world, mine.token, "erase")
    world.clock.move(minutes=1)
    later = await press(world, other.token)

    assert {one.status_code for one in opened} == {200}
    assert [one.status_code for one in (by_cookie, *refused)] == [429] * 3
    assert all(int(one.headers["retry-after"]) > 0 for one in (by_cookie, *refused))
    assert counted == 3
    assert others.status_code == later.status_code == 200
    assert restricted.status_code == 200
    assert "Nothing is being recorded" in plain(stopped.text)
    assert "Everything is erased" in plain(erased.text)
    assert [row["path"] for row in await world.rows()] == ["/other"]


async def test_what_is_corrected_or_erased_in_part_is_read_at_once_for_all_ids_of_a_browser(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    mine = await visited(world, "/one")
    for path in ("/two", "/three"):
        await mine.withdraw()
        await mine.accept(token=mine.token)
        await mine.send(a_view(url=f"https://example.org{path}"))
        await world.rows()
    events, asked = PersonalData.events_of, []

    async def noted(self: PersonalData, site_id: int, *visitor_ids: str) -> Any:
        asked.append(len(visitor_ids))
        return await events(self, site_id, *visitor_ids)

    monkeypatch.setattr(PersonalData, "events_of", noted)
    [event] = [row["event_id"] for row in await world.rows() if row["path"] == "/one"]
    hidden_one = await press(world, mine.token, "hide_page", event=event)

    assert hidden_one.status_code == 200
    assert asked == [3]
    assert "/one" not in {row["path"] for row in await world.rows()}
