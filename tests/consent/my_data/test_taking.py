"""A large file is made beside the requests, saved once, and gone with whatever is in it."""

import asyncio
import html
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest

from askfirst.clock import DAY_MS
from askfirst.errors import Unavailable
from consent.my_data.taking import taking
from consent.policy.wording import default_policy
from consent.receipts.data_integrity import is_signed_by
from consent.receipts.site_keys import public_keys
from consent.rights import own_files
from consent.rights.own_files import MOST_KEPT, OwnFile, OwnFiles, Packed, Tell
from server import jobs
from tests.consent.my_data.held_files import shut
from tests.consent.my_data.own_page import hidden, press, unpacked, visited
from tests.consent.public_pages import plain
from tests.factories import a_view
from tests.world import Browser, World, open_world


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A server for which a file of one event is large."""
    monkeypatch.setattr(taking, "MOST_AT_ONCE", 0)
    async with open_world(tmp_path) as opened:
        yield opened


async def until_made(world: World) -> None:
    tasks = [file.task for file in world.services.own_files._known.values() if file.task]
    await asyncio.gather(*tasks, return_exceptions=True)


async def begun(world: World, mine: Browser) -> str:
    """Press the button, and return the address of the file's page."""
    answer = await press(world, mine.token, "take")
    assert answer.status_code == 303, plain(answer.text)
    return answer.headers["location"]


def frame_of(page: httpx2.Response) -> str:
    """Return the address of the frame that tells how far a file is."""
    found = re.search(r'<iframe class="progress" src="([^"]+)"', page.text)
    assert found
    return html.unescape(found[1])


async def pressed(world: World, address: str, do: str) -> httpx2.Response:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return await world.client.post(address, content=urlencode({"do": do}), headers=headers)


async def test_law_6_a_large_file_is_made_beside_the_requests_and_saved_once(world: World):
    mine = await visited(world, "/one", "/two")
    with shut(world) as gate:
        address = await begun(world, mine)
        making = await world.client.get(address)
        progress = await world.client.get(frame_of(making))
        too_early = await pressed(world, address, "save")
        gate.opens.set()
        await until_made(world)
    over = await world.client.get(frame_of(making))
    ready = await world.client.get(address)
    file = await pressed(world, address, "save")
    again = await pressed(world, address, "save")
    files = unpacked(file)
    [key] = public_keys(
        (await world.client.get(f"/.well-known/askfirst/{world.site.key}.json")).json()
    )

    done = re.search(r"Done so far (\d+) %", plain(progress.text))
    assert "Your file is being made" in plain(making.text)
    assert done
    assert int(done[1]) < 100
    assert progress.headers["refresh"] == "3"
    assert "frame-ancestors 'self'" in progress.headers["content-security-policy"]
    assert not any("refresh" in one.headers for one in (making, over, ready))
    assert "Your file is ready" in plain(over.text)
    assert "Your file is being made" in plain(too_early.text)
    assert "until Thursday, January 1, 2026, 1:17 PM" in plain(ready.text)
    assert b"/two" in files["data.json"]
    assert is_signed_by(httpx2.Response(200, content=files["digest.json"]).json(), key)
    assert again.status_code == 404
    assert "There is no such file" in plain(again.text)
    for one in (making, progress, ready, file, again):
        assert one.headers["cache-control"] == "no-store"
        assert one.headers["referrer-policy"] == "no-referrer"


async def test_law_6_neither_address_nor_page_of_a_file_tells_whose_it_is(world: World):
    mine = await visited(world, "/one")
    claims = world.services.tokens.read(mine.token)
    assert claims
    address = await begun(world, mine)
    await until_made(world)
    seen = address + (await world.client.get(address)).text

    for secret in (mine.token, claims.visitor_id, claims.consent_id, "/one"):
        assert secret not in seen


def names_below(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")}


async def test_a_file_lies_on_no_disk_and_is_gone_with_the_server(world: World, tmp_path: Path):
    mine = await visited(world, "/one")
    before = await asyncio.to_thread(names_below, tmp_path)
    address = await begun(world, mine)
    await until_made(world)
    while_ready = await asyncio.to_thread(names_below, tmp_path)
    await world.services.own_files.close()

    assert while_ready == before
    assert (await world.client.get(address)).status_code == 404


async def _erase(world: World, mine: Browser) -> None:
    assert "Everything is erased" in plain((await press(world, mine.token, "erase")).text)


async def _erase_visit(world: World, mine: Browser) -> None:
    visit = hidden(await press(world, mine.token), "visit")
    done = await press(world, mine.token, "erase_visit", visit=visit)
    assert "It is erased" in plain(done.text)


async def _erase_days(world: World, mine: Browser) -> None:
    days = {"first": "2026-01-01", "last": "2026-01-01"}
    assert "It is erased" in plain((await press(world, mine.token, "erase_days", **days)).text)


async def _by_the_banner(world: World, mine: Browser) -> None:
    assert (await mine.erase()).status_code == 200


async def _some_time_after_a_withdrawal(world: World, mine: Browser) -> None:
    """The file is begun when the time is over; so the job erases before the file is old."""
    await jobs.end_withdrawn(world.services)


def begun_of(world: World, mine: Browser) -> str:
    """Return the address of a visitor's file that is begun or ready."""
    claims = world.services.tokens.read(mine.token)
    assert claims
    known = world.services.own_files._known.values()
    [file] = [one for one in known if claims.visitor_id in one.ids]
    return f"/my-data/{world.site.key}/files/{file.name}?lang=en"


async def _cancel(world: World, mine: Browser) -> None:
    address = begun_of(world, mine)
    answer = await pressed(world, address, "cancel")
    assert answer.headers["location"] == f"/my-data/{world.site.key}?lang=en"


async def _wait(world: World, mine: Browser) -> None:
    world.clock.move(minutes=15)
    await jobs.drop_files(world.services)


async def _delete_site(world: World, mine: Browser) -> None:
    await world.services.site_deletion.delete(world.site.id)


ENDS = (
    _erase,
    _erase_visit,
    _erase_days,
    _by_the_banner,
    _some_time_after_a_withdrawal,
    _cancel,
    _wait,
    _delete_site,
)


@pytest.mark.parametrize("end", ENDS)
async def test_law_6_what_ends_a_file_leaves_nothing_of_it(
    world: World, end: Callable[[World, Browser], Awaitable[None]]
):
    mine, other = await visited(world, "/mine"), await visited(world, "/other")
    if end is _some_time_after_a_withdrawal:
        await mine.withdraw()
        world.clock.now += 200 * DAY_MS
    address, theirs = await begun(world, mine), await begun(world, other)
    await until_made(world)
    ready = await world.client.get(address)
    [kept] = [one for one in world.services.own_files._known.values() if one.name in address]
    await end(world, mine)

    assert "Your file is ready" in plain(ready.text)
    assert kept.packed is None
    assert (await pressed(world, address, "save")).status_code == 404
    left = (await world.client.get(theirs)).status_code
    assert left == (404 if end in (_wait, _delete_site) else 200)


@pytest.mark.parametrize("end", [_erase, _erase_visit, _cancel, _delete_site])
async def test_law_6_a_file_that_is_made_meanwhile_ends_too(
    world: World, end: Callable[[World, Browser], Awaitable[None]]
):
    mine = await visited(world, "/mine")
    with shut(world) as gate:
        address = await begun(world, mine)
        [file] = world.services.own_files._known.values()
        await gate.reached.wait()
        await end(world, mine)
    assert file.task
    await asyncio.gather(file.task, return_exceptions=True)

    assert file.packed is None
    assert (await world.client.get(address)).status_code == 404


async def test_a_person_has_one_file_at_a_time_and_another_person_has_another(world: World):
    mine, other = await visited(world, "/mine"), await visited(world, "/other")
    with shut(world):
        first, second = await begun(world, mine), await begun(world, mine)
        theirs = await begun(world, other)
    await until_made(world)
    newer = await begun(world, mine)

    assert first == second != theirs
    assert newer != first
    assert (await world.client.get(first)).status_code == 404


@pytest.mark.parametrize("at_once", [0, 5000])
async def test_only_some_files_of_a_size_are_made_at_once_and_one_for_a_person(
    world: World, monkeypatch: pytest.MonkeyPatch, at_once: int
):
    monkeypatch.setattr(own_files, "MOST_MADE", 1)
    monkeypatch.setattr(taking, "MOST_AT_ONCE", at_once)
    mine, other = await visited(world, "/mine"), await visited(world, "/other")
    with shut(world) as gate:
        first = asyncio.create_task(press(world, mine.token, "take"))
        await gate.reached.wait()
        again = asyncio.create_task(press(world, mine.token, "take"))
        refused = await press(world, other.token, "take")
        monkeypatch.setattr(taking, "MOST_AT_ONCE", 5000 - at_once)
        of_another_size = await press(world, other.token, "take")
    await until_made(world)
    codes = [one.status_code for one in (await first, await again, of_another_size)]

    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert "Too many files are being made" in plain(refused.text)
    assert codes == ([200, 200, 303] if at_once else [303, 303, 200])


async def test_a_file_that_can_be_saved_is_not_ended_for_the_file_of_somebody_else(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(own_files, "MOST_KEPT", 2)
    one, two, three = [await visited(world, path) for path in ("/one", "/two", "/three")]
    addresses = [await begun(world, one), await begun(world, two)]
    await until_made(world)
    refused = await press(world, three.token, "take")
    kept = [(await world.client.get(one)).status_code for one in addresses]
    with monkeypatch.context() as patch:  # a small one is handed over at once
        patch.setattr(taking, "MOST_AT_ONCE", 5000)
        small = await press(world, three.token, "take")
    newer = await begun(world, one)
    await until_made(world)
    await pressed(world, newer, "save")

    assert (refused.status_code, kept, small.status_code) == (503, [200, 200], 200)
    assert await begun(world, three)


async def test_a_file_of_a_crowded_network_and_one_of_fewer_browsers_end_for_another():
    files, held = OwnFiles(lambda: 0), asyncio.Event()

    async def made(_tell: Tell) -> Packed:
        return Packed("mine.zip", b"")

    async def never(_tell: Tell) -> Packed:
        await held.wait()
        return Packed("mine.zip", b"")

    async def begun(visitor: str, network: str) -> OwnFile | None:
        if file := files.begin(1, [visitor], made, network=network):
            await file.over.wait()
        return file

    crowd = [await begun(f"crowd {number}", "192.0.2.0") for number in range(MOST_KEPT)]
    assert await begun("one more of them", "192.0.2.0") is None
    assert await begun("anybody", "198.51.100.0")
    assert [file.state for file in crowd if file] == ["dropped"] + ["ready"] * (MOST_KEPT - 1)

    fewer = files.begin(1, ["early"], never, network="203.0.113.0")  # ends another of the crowd
    more = files.begin(1, ["early", "late"], made, network="203.0.113.0")
    held.set()
    await files.close()
    assert fewer is not None
    assert fewer.state == "dropped"
    assert more is not None


async def _made(_tell: Tell) -> Packed:
    return Packed("mine.zip", b"")


async def _never(_tell: Tell) -> Packed:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.mark.parametrize(
    ("theirs", "mine", "is_begun"), [(3, 0, False), (4, 1, True), (4, 2, False), (5, 2, True)]
)
async def test_a_file_ends_for_another_only_where_its_network_has_many_more(
    monkeypatch: pytest.MonkeyPatch, theirs: int, mine: int, is_begun: bool
):
    monkeypatch.setattr(own_files, "MOST_KEPT", theirs + mine)
    files = OwnFiles(lambda: 0)
    networks = ["192.0.2.0"] * theirs + ["203.0.113.0"] * mine
    waiting = []
    for number, network in enumerate(networks):
        file = files.begin(1, [str(number)], _made, network=network)
        assert file
        await file.over.wait()
        waiting.append(file)
    begun = files.begin(1, ["asks"], _made, network="203.0.113.0")
    states = [file.state for file in waiting]
    await files.close()

    assert (begun is not None) == is_begun
    assert states == ["dropped" if is_begun else "ready"] + ["ready"] * (len(networks) - 1)


@pytest.mark.parametrize("state", ["making", "ready"])
async def test_who_is_refused_another_file_keeps_the_one_of_fewer_browsers(
    monkeypatch: pytest.MonkeyPatch, state: str
):
    files = OwnFiles(lambda: 0)
    mine = files.begin(1, ["early"], _never if state == "making" else _made)
    assert mine
    if state == "ready":
        await mine.over.wait()
    monkeypatch.setattr(own_files, "MOST_MADE", 2)
    others = [files.begin(1, [one], _never) for one in ("a", "b")]
    refused, kept = files.begin(1, ["early", "late"], _made), mine.state
    for file in (mine, *others):
        if file and file.task:
            file.task.cancel()
    await files.close()

    assert refused is None
    assert kept == state


async def test_a_file_that_is_asked_for_during_an_erasure_is_answered_clearly(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    mine = await visited(world, "/mine")
    holder = world.services.personal_data.holders[-1]
    erase, meanwhile = holder.erase, []

    async def asked_meanwhile(site_id: int, *visitor_ids: str) -> int:
        meanwhile.append(await press(world, mine.token, "take"))
        return await erase(site_id, *visitor_ids)

    monkeypatch.setattr(holder, "erase", asked_meanwhile)
    await press(world, mine.token, "erase")
    [answer] = meanwhile

    assert answer.status_code == 409
    assert "Something of yours is being erased at this moment." in plain(answer.text)
    assert world.services.own_files._known == {}


async def test_law_6_an_erasure_that_overtakes_a_small_file_is_told_instead_of_a_part(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(taking, "MOST_AT_ONCE", 5000)
    mine = await visited(world, "/mine")
    with shut(world) as gate:
        asking = asyncio.create_task(press(world, mine.token, "take"))
        await gate.reached.wait()
        await _erase(world, mine)
        answer = await asking

    assert answer.status_code == 409
    assert "is being erased at this moment" in plain(answer.text)


@pytest.mark.parametrize("most", [0, 5000])
async def test_a_file_that_cannot_be_made_is_said_to_have_failed(
    world: World, monkeypatch: pytest.MonkeyPatch, most: int
):
    monkeypatch.setattr(taking, "MOST_AT_ONCE", most)
    mine = await visited(world, "/mine")
    with shut(world) as gate:
        gate.error = Unavailable("The warehouse is away.")
        gate.opens.set()
        answer = await press(world, mine.token, "take")
        await until_made(world)
    if most:
        assert answer.status_code == 503
    else:
        page = await world.client.get(answer.headers["location"])
        assert "The file could not be made." in plain(page.text)


@pytest.mark.parametrize("name", ["0" * 32, "x", "<b>", "%00", "' OR 1=1"])
@pytest.mark.parametrize("do", ["save", "cancel"])
async def test_a_name_that_no_file_has_opens_nothing_and_is_not_repeated(
    world: World, name: str, do: str
):
    address = f"/my-data/{world.site.key}/files/{name}"
    shown, answer = await world.client.get(address), await pressed(world, address, do)

    assert shown.status_code == 404
    assert answer.status_code == (404 if do == "save" else 303)
    assert "<b>" not in shown.text.partition("<main")[2]


async def test_a_file_has_no_other_button_and_no_address_on_another_site(world: World):
    mine = await visited(world, "/one")
    address = await begun(world, mine)
    await until_made(world)
    wording = default_policy("Other", "Other Ltd", "privacy@other.test", "")
    other = await world.services.book.add("Other", ("other.test",), "UTC", wording)
    elsewhere = address.replace(world.site.key, other.key)

    assert (await pressed(world, address, "erase")).status_code == 400
    assert (await pressed(world, elsewhere, "save")).status_code == 404
    assert (await pressed(world, address, "save")).status_code == 200


async def test_an_event_that_waits_in_the_journal_is_in_the_file(world: World):
    mine = await visited(world, "/one")
    await mine.send(a_view(url="https://example.org/just-now"))
    address = await begun(world, mine)
    await until_made(world)
    files = unpacked(await pressed(world, address, "save"))

    assert b"/just-now" in files["data.json"]
