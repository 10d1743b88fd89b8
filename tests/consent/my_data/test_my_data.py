"""The visitor's own page: whose it is, what it shows, and what its buttons do."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import jsonschema
import pytest
from sqlalchemy import select

from askfirst.clock import DAY_MS
from askfirst.store.ledger.disclosure_register import Disclosed, enter
from askfirst.store.ledger.tables import receipt_codes
from consent.http.cookie import cookie_name
from consent.my_data import contents
from consent.my_data.answers import AskedAgain, state_of
from consent.my_data.derived import raw_tables
from consent.my_data.page_words import website_of
from consent.my_data.visits import VisitWriter
from consent.policy.drafts import content_of, draft_of
from consent.policy.languages.times import LocalTimes
from consent.policy.my_data_words import words_in
from consent.receipts.data_integrity import is_signed_by
from consent.receipts.issue import ReceiptIssuer
from consent.receipts.site_keys import public_keys
from reports.visitors.disclosures import OPENED, Disclosures
from server.jobs import follow_rules
from tests.consent.my_data.own_page import bytes_below, hidden, posted, press, unpacked, visited
from tests.consent.public_pages import plain
from tests.factories import a_site, a_view
from tests.world import World, open_world

GROUP = r"[0-9A-HJKMNP-TV-Z]{5}"
CODE = re.compile(rf"{GROUP}-{GROUP}-{GROUP}-{GROUP}")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


def code_in(page: httpx2.Response) -> str:
    found = CODE.search(page.text)
    assert found, plain(page.text)
    return found[0]


async def test_law_6_the_token_opens_the_page_with_every_visit(world: World):
    mine = await visited(world, "/one", "/two")
    await visited(world, "/of-somebody-else")
    answer = await press(world, mine.token)
    said = plain(answer.text)

    assert answer.status_code == 200
    for words in (
        "Your visits are being recorded",
        "Visits 1 Pages 2",
        "Page opened: Title of /one (/one)",
        "Page opened: Title of /two (/two)",
        "Operating system",
        "You said yes",
        "Nobody has looked at it.",
    ):
        assert words in said, words
    assert "/of-somebody-else" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "set-cookie" not in answer.headers


async def test_where_not_all_fits_the_newest_rows_are_shown_and_all_are_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(contents, "MOST_ROWS", 2)
    mine = await visited(world, "/oldest", "/older", "/newest")
    shown = (await press(world, mine.token)).text
    table = shown.partition('id="raw-warehouse.events"')[2].partition("</table>")[0]

    assert "Only the newest are shown here." in plain(shown)
    assert "Rows: 3" in plain(table)
    assert [path in table for path in ("/oldest", "/older", "/newest")] == [False, True, True]


@pytest.mark.parametrize(
    ("column", "others"), [("event_time", {"valid_until": 9}), ("came_on", {}), ("time", {})]
)
def test_rows_of_two_browsers_that_are_cut_are_the_newest_by_their_own_time(
    column: str, others: dict[str, int]
):
    days = [f"2026-11-{day:02}" for day in (20, 25, 3, 28)]  # the second browser begins earlier
    rows = [{column: day} | others for day in days]
    [table] = raw_tables({"ledger.any": rows}, {}, 2)

    assert [row[0] for row in table.rows] == ["2026-11-25", "2026-11-28"]


def test_days_of_answers_are_those_of_the_site_as_all_others_on_the_page():
    late = 1_793_230_200_000  # 28 October 2026, 23:30 UTC
    row = {"seq": 1, "consent_id": "c", "state": "given", "policy_version": 1, "method": "banner"}
    row |= {"event_time": late, "valid_until": late + 30 * 86_400_000}
    state = state_of([row], late, LocalTimes("en", "Asia/Tokyo"), AskedAgain(1, late))

    assert (state.given, state.until) == ("October 29, 2026", "November 28, 2026")


async def test_the_cookie_opens_it_where_the_page_shares_a_host_with_the_website(world: World):
    mine = await visited(world, "/one")
    cookie = {"Cookie": f"{cookie_name(world.site.key)}={mine.token}"}
    answer = await world.client.get(f"/my-data/{world.site.key}", headers=cookie)

    assert "Title of /one" in plain(answer.text)


@pytest.mark.parametrize("cookie", ["", "askfirst=no", "askfirst_{}=no", "askfirst_{}=forged"])
async def test_without_a_yes_the_page_asks_for_a_receipt_code(world: World, cookie: str):
    await visited(world, "/one")
    headers = {"Cookie": cookie.format(world.site.key)} if cookie else {}
    answer = await world.client.get(f"/my-data/{world.site.key}", headers=headers)

    assert answer.status_code == 200
    assert "Receipt code" in plain(answer.text)
    assert "/one" not in answer.text


@pytest.mark.parametrize("token", ["", "forged", "a.b", "x" * 3000, "<script>alert(1)</script>"])
async def test_a_token_that_is_not_ours_opens_nothing_and_is_not_repeated(world: World, token: str):
    answer = await press(world, token, "erase")

    assert answer.status_code == 200
    assert "Receipt code" in plain(answer.text)
    assert not token or token not in answer.text


async def test_a_token_of_another_site_opens_nothing(world: World, tmp_path: Path):
    async with open_world(tmp_path / "other") as other:
        theirs = await visited(other, "/theirs")
    answer = await press(world, theirs.token)

    assert "Receipt code" in plain(answer.text)
    assert "/theirs" not in answer.text


async def test_the_receipt_code_given_with_the_yes_opens_the_page_in_another_browser(world: World):
    mine = world.browser()
    given = (await mine.accept()).json()["receipt"]["code"]
    await mine.send(a_view(url="https://example.org/mine"))
    await world.rows()
    shown = code_in(await press(world, mine.token))
    for typed in (given, given.lower(), given.replace("-", " "), f"  {given.replace('-', '')} "):
        answer = await posted(world, {"code": typed})
        assert "/mine" in plain(answer.text), typed

    assert CODE.fullmatch(given)
    assert shown == given


async def test_letters_that_look_alike_are_taken_for_each_other(world: World):
    for _ in range(40):
        mine = world.browser()
        given = (await mine.accept()).json()["receipt"]["code"]
        if {"0", "1"} & set(given):
            break
        world.clock.move(minutes=1)
    typed = given.replace("0", "o").replace("1", "l")

    assert "What is recorded about you" in plain((await posted(world, {"code": typed})).text)
    assert typed != given


@pytest.mark.parametrize(
    "typed", ["7K2PM-0XQ4T-9WZ1B-C3D5E", "7K2PM", "' OR 1=1 --", "<b>", "0" * 5000, "\0", "é" * 20]
)
async def test_an_unknown_receipt_code_opens_nothing_and_is_not_repeated(world: World, typed: str):
    await visited(world, "/one")
    answer = await posted(world, {"code": typed})

    assert answer.status_code == 404
    assert "No yes has this receipt code." in plain(answer.text)
    assert "/one" not in answer.text
    assert len(typed) < 5 or typed not in answer.text


async def test_whoever_guesses_receipt_codes_must_wait(world: World):
    answers = [await posted(world, {"code": "7K2PM-0XQ4T-9WZ1B-C3D5E"}) for _ in range(12)]

    assert [one.status_code for one in answers].count(404) == 10
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_no_file_of_the_server_holds_a_receipt_code(world: World, tmp_path: Path):
    given = (await world.browser().accept()).json()["receipt"]["code"]
    await world.services.ledger.checkpoint()
    kept = await asyncio.to_thread(bytes_below, tmp_path)

    assert given.encode() not in kept
    assert given.replace("-", "").encode() not in kept


async def test_several_yeses_of_one_browser_are_one_page(world: World):
    first = await visited(world, "/before")
    before = first.token
    await press(world, before, "stop")
    await first.accept(token=before)
    await first.send(a_view(url="https://example.org/after"))
    await world.rows()
    for token in (before, first.token):
        said = plain((await press(world, token)).text)
        assert "/before" in said
        assert "/after" in said
        assert "You stopped the recording" in said


async def test_law_5_one_press_stops_the_recording(world: World):
    mine = await visited(world, "/one")
    world.clock.move(minutes=1)
    answer = await press(world, mine.token, "stop")
    refused = await mine.send(a_view())

    assert "Nothing is being recorded" in plain(answer.text)
    assert f'href="/choice/{world.site.key}?lang=en"' in answer.text
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "withdrawn")
    assert len(await world.rows()) == 1


async def test_law_6_erasing_leaves_others_as_they_are(world: World):
    mine, other = await visited(world, "/mine"), await visited(world, "/other")
    done = await press(world, mine.token, "erase")
    later = await press(world, mine.token)
    theirs = await press(world, other.token)

    assert "Number of the erasure" in plain(done.text)
    assert "Nothing is left here" in plain(later.text)
    assert not CODE.search(later.text)
    assert "/other" in plain(theirs.text)
    assert [row["path"] for row in await world.rows()] == ["/other"]


async def test_law_6_after_an_erasure_the_receipt_code_opens_nothing(world: World):
    mine = world.browser()
    code = (await mine.accept()).json()["receipt"]["code"]
    await press(world, mine.token, "erase")

    assert (await posted(world, {"code": code})).status_code == 404


async def test_law_6_one_visit_is_erased_and_the_others_stay(world: World):
    mine = await visited(world, "/earlier")
    world.clock.move(minutes=60)
    await mine.send(a_view(url="https://example.org/later"))
    await world.rows()
    newest = hidden(await press(world, mine.token), "visit")
    done = await press(world, mine.token, "erase_visit", visit=newest)

    assert "It is erased" in plain(done.text)
    assert "Visits 1 Pages 1 Rows 1" in plain(done.text)
    assert [row["path"] for row in await world.rows()] == ["/earlier"]
    assert (await mine.send(a_view())).status_code == 202


async def test_requirement_31_nobody_erases_a_visit_of_somebody_else_or_learns_of_one(world: World):
    mine, other = await visited(world, "/mine"), await visited(world, "/other")
    theirs = hidden(await press(world, other.token), "visit")
    answers = [
        plain((await press(world, mine.token, "erase_visit", visit=visit)).text)
        for visit in (theirs, "0" * 32, "", "x" * 500, "' OR 1=1")
    ]

    assert all("There was nothing to erase" in one for one in answers)
    assert len(await world.rows()) == 2


async def test_law_6_some_days_are_erased_as_the_site_counts_days(world: World):
    mine = await visited(world, "/first")
    world.clock.now += 3 * DAY_MS
    await mine.send(a_view(url="https://example.org/second"))
    await world.rows()
    days = {"first": "2026-01-03", "last": "2026-01-10"}
    done = await press(world, mine.token, "erase_days", **days)

    assert "It is erased" in plain(done.text), plain(done.text)
    assert [row["path"] for row in await world.rows()] == ["/first"]


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2026-09-22", "2026-09-21", "last"),
        ("2026-02-30", "2026-09-21", "first"),
        ("yesterday", "2026-09-21", "first"),
        ("2026-09-21", "", "last"),
        ("0000-00-00", "2026-09-21", "first"),
        ("1500-01-01", "2026-09-21", "first"),
        ("2026-09-21", "9999-12-31", "last"),
    ],
)
async def test_days_that_are_none_erase_nothing(world: World, first: str, last: str, field: str):
    mine = await visited(world, "/one")
    answer = await press(world, mine.token, "erase_days", first=first, last=last)

    assert answer.status_code == 400
    assert answer.json()["error"].get("field", "") == field
    assert len(await world.rows()) == 1


async def test_law_6_the_use_is_restricted_and_lifted_and_the_page_says_so(world: World):
    mine, other = await visited(world, "/mine"), await visited(world, "/other")
    first = plain((await press(world, mine.token, "restrict")).text)
    theirs = plain((await press(world, other.token)).text)
    second = plain((await press(world, mine.token, "lift")).text)

    said = "The use has been restricted since January 1, 2026."
    assert f"unless you stop it here. {said}" in first
    assert first.count(said) == 2  # with its state, and where it is lifted
    assert "Lift the restriction" in first
    assert "begun_at" in first
    assert str(world.clock()) not in first  # rows have dates, not milliseconds
    assert "/mine" in first
    assert "The use has been restricted" not in theirs
    assert "The use has been restricted" not in second


async def test_requirement_30_law_6_a_person_corrects_hides_and_detaches_and_reads_of_it(
    world: World,
):
    mine, other = await visited(world, "/one", "/two"), await visited(world, "/other")
    world.clock.move(minutes=60)
    await mine.send(a_view(url="https://example.org/not-me"))
    rows = [row for row in await world.rows() if row["path"] != "/other"]
    page = (await press(world, mine.token)).text
    shown = re.findall(r'name="(?:event|visit)" value="([^"]+)"', page)
    first = await press(world, mine.token, "correct", kind="device", to="tablet", visit="all")
    hiding = await press(world, mine.token, "hide_page", event=rows[0]["event_id"])
    done = await press(world, mine.token, "not_me", visit=rows[2]["visit_id"])
    said, theirs = plain(done.text), plain((await press(world, other.token)).text)

    assert {row["event_id"] for row in rows} <= {*shown}
    assert "It is corrected" in plain(first.text)
    assert '<option value="tablet">Tablet</option>' in page
    assert "selected" not in page[page.index("<main") :]
    assert "These are left out as well: Browser, Browser version" in plain(page)
    assert "The page is hidden" in plain(hiding.text)
    assert "The visit is no longer yours" in said
    assert "Device : Computer, Windows, Chrome → Tablet · All visits so far" in said
    assert "You hid a page." in said
    assert "You said that a visit was not yours." in said
    assert "Page opened: A page that you hid" in said
    assert "Visits 1 Pages 2" in said
    assert all(one not in done.text for one in ("/one", "/not-me", rows[2]["visit_id"]))
    assert "Your corrections" not in theirs
    assert "Computer" in theirs


@pytest.mark.parametrize(
    ("referrer", "also"), [("", False), ("https://www.google.com/", True)], ids=["none", "search"]
)
async def test_what_is_left_out_as_well_is_never_what_stands_above_it(
    world: World, referrer: str, also: bool
):
    mine = await visited(world)
    await mine.send(a_view(referrer=referrer))
    await world.rows()
    page = (await press(world, mine.token)).text
    form = page.partition('name="kind" value="source"')[2].partition("</form>")[0]

    assert '<option value="-">' in form
    assert ("These are left out as well: Channel" in plain(form)) is also


@pytest.mark.parametrize(
    ("do", "fields", "status", "field"),
    [
        ("correct", {"kind": "ip", "to": "-", "visit": "all"}, 400, "kind"),
        ("correct", {"kind": "page", "to": "-", "visit": "all"}, 400, "kind"),
        ("correct", {"kind": "device", "to": "-", "visit": "THEIRS"}, 404, None),
        ("correct", {"kind": "device", "to": "-", "visit": "unknown"}, 404, None),
        ("hide_page", {"event": "THEIRS"}, 404, None),
        ("not_me", {"visit": "THEIRS"}, 404, None),
        ("not_me", {}, 404, None),
    ],
)
async def test_a_correction_of_nothing_of_ones_own_is_refused(
    world: World, do: str, fields: dict[str, str], status: int, field: str | None
):
    mine, _ = await visited(world, "/mine"), await visited(world, "/theirs")
    rows = await world.rows()
    ids = {row["path"].strip("/").upper(): row["event_id"] for row in rows}
    answer = await press(
        world, mine.token, do, **{name: ids.get(text, text) for name, text in fields.items()}
    )

    assert answer.status_code == status
    assert answer.json()["error"].get("field") == field
    assert await world.rows() == rows


async def test_a_press_without_a_choice_or_that_hides_all_is_refused_in_words_at_its_place(
    world: World,
):
    mine = await visited(world, "/mine")
    rows = await world.rows()
    event = rows[0]["event_id"]
    menu = {"kind": "device", "to": "tablet", "visit": "all"}
    nothing, last = "Nothing was chosen yet.", "This page was not hidden:"
    tried = {
        "no value": ("correct", menu | {"to": ""}, 'id="correct-device"', nothing),
        "no visit": ("correct", menu | {"visit": ""}, 'id="correct-device"', nothing),
        "no value of the list": ("correct", menu | {"to": "<b>"}, 'id="correct-device"', nothing),
        "the last page": ("hide_page", {"event": event}, f'id="visit-{event}"', last),
    }
    for name, (do, fields, place, words) in tried.items():
        answer = await press(world, mine.token, do, **fields)
        there = answer.text[answer.text.index(place) :]
        assert answer.status_code == 400, name
        assert 0 < there.index('id="refused"') < there.index("</form>"), name
        assert words in there[there.index('id="refused"') :][:100], name
        assert 'aria-describedby="refused"' in there, name
        assert "<b>" not in answer.text[answer.text.index('id="refused"') :][:60], name
        if fields.get("to") == "tablet":
            assert '<option value="tablet" selected>' in answer.text

    assert await world.rows() == rows


async def test_two_visits_of_one_minute_are_told_apart(world: World):
    mine = await visited(world, "/one")
    world.clock.move(minutes=60)
    for path in ("/two", "/three"):
        await mine.send(a_view(url=f"https://example.org{path}"))
        await world.rows()
    rows = [dict(row) for row in await world.rows()]
    rows[1]["visit_id"] = "another"
    words, minute = words_in("en"), rows[1]["time"].replace(second=0)
    writer = VisitWriter(words, "en", "UTC")
    same = [row | {"time": minute} for row in rows[1:]]
    seconds = [rows[1] | {"time": minute}, rows[2] | {"time": minute.replace(second=7)}]

    for made in (writer.visits(rows[:1] + same), writer.visits(rows[:1] + seconds)):
        assert len({one.heading for one in made}) == 3
    assert ":07" in made[0].heading
    assert ":00:" not in made[2].heading


async def test_law_6_an_erasure_that_leaves_hidden_pages_alone_takes_these_too_and_says_so(
    world: World,
):
    mine, other = await visited(world, "/hidden"), await visited(world, "/other")
    world.clock.move(minutes=60)
    await mine.send(a_view(url="https://example.org/shown"))
    rows = [row for row in await world.rows() if row["path"] != "/other"]
    hidden_visit, shown = (row["visit_id"] for row in rows)
    await press(world, mine.token, "hide_page", event=rows[0]["event_id"])
    page = plain((await press(world, mine.token)).text)
    refused = await press(world, mine.token, "not_me", visit=shown)
    kept = len(await world.rows())
    done = await press(world, mine.token, "erase_visit", visit=shown)

    assert "If only pages that you hid are left after that, they are erased too." in page
    assert refused.status_code == 400
    assert "Please erase those visits first." in plain(refused.text)
    assert kept == 3
    assert "Only pages that you hid were left then, so they were erased too." in plain(done.text)
    assert "Visits 2 Pages 2 Rows 2" in plain(done.text)
    assert [row["path"] for row in await world.rows()] == ["/other"]
    assert "/other" in (await press(world, other.token)).text
    assert hidden_visit not in done.text


async def test_a_person_of_actions_alone_hides_the_page_of_one_and_is_still_told(world: World):
    mine = await visited(world)
    action = {"kind": "custom_event", "name": "sign-up", "url": "https://example.org/secret"}
    await mine.send(a_view(**action))
    [row] = await world.rows()
    done = await press(world, mine.token, "hide_page", event=row["event_id"])

    assert done.status_code == 200
    assert "Action: sign-up" in plain(done.text)
    assert "/secret" not in done.text


async def test_law_6_restricted_visits_are_still_shown_taken_along_and_erased(world: World):
    mine = await visited(world, "/earlier")
    world.clock.move(minutes=60)
    await mine.send(a_view(url="https://example.org/later"))
    await world.rows()
    await press(world, mine.token, "restrict")
    await follow_rules(world.services)
    page = await press(world, mine.token)
    files = unpacked(await press(world, mine.token, "take"))
    data = json.loads(files["data.json"])["places"]
    part = await press(world, mine.token, "erase_visit", visit=hidden(page, "visit"))
    left = await world.rows()
    everything = await press(world, mine.token, "erase")

    assert "Visits 2 Pages 2" in plain(page.text)
    assert [row["path"] for row in data["warehouse.events"]] == ["/earlier", "/later"]
    assert len(data["ledger.restrictions"]) == 1
    assert "It is erased" in plain(part.text)
    assert [row["path"] for row in left] == ["/earlier"]
    assert "Everything is erased" in plain(everything.text)
    assert await world.rows() == []


async def test_law_6_the_certificate_is_kept_as_a_file_and_is_signed(world: World):
    mine = await visited(world, "/one")
    done = await press(world, mine.token, "erase")
    sent = hidden(done, "certificate")
    file = await press(world, mine.token, "certificate", certificate=sent)
    keys = (await world.client.get(f"/.well-known/askfirst/{world.site.key}.json")).json()
    [key] = public_keys(keys)

    assert file.headers["content-disposition"].startswith('attachment; filename="erased-')
    assert file.text == sent
    assert is_signed_by(file.json(), key)
    assert file.json()["askfirst:events"] == {"page_view": 1}


@pytest.mark.parametrize("sent", ["", "{}", "[]", "<script>", '{"@type": "ErasureCertificate"}'])
async def test_no_other_text_comes_back_as_a_certificate(world: World, sent: str):
    mine = await visited(world, "/one")
    answer = await press(world, mine.token, "certificate", certificate=sent)

    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == "certificate"


@pytest.mark.parametrize("do", ["", "x", "<script>", "drop table"])
async def test_a_button_that_the_page_does_not_have_changes_nothing(world: World, do: str):
    mine = await visited(world, "/one")
    answer = await press(world, mine.token, do)

    assert answer.status_code == (400 if do else 200)
    assert len(await world.rows()) == 1


async def test_requirement_31_law_9_whoever_looked_is_named(world: World):
    mine = await visited(world, "/one")
    [row] = await world.rows()
    disclosures = Disclosures(world.services.ledger, world.services.clock)
    for _ in range(2):
        await disclosures.disclose_person(
            world.site.id, row["visitor_id"], "ada@example.org", OPENED
        )
    said = plain((await press(world, mine.token)).text)

    assert "ada@example.org : opened your page \u00d7" in said


def revealed(to_whom: str, **changes: Any) -> Disclosed:
    facts: dict[str, Any] = {
        "revealed_on": "2026-01-01",
        "to_whom": to_whom,
        "ground": "court",
        "reference": "12 C 34/26",
        "kinds": ("events",),
        "first_day": "2026-01-01",
        "last_day": "2026-01-01",
    }
    return Disclosed(**facts | changes)


async def test_law_9_what_was_revealed_outside_is_told_unless_it_is_hidden_until_a_day(
    world: World,
):
    mine = await visited(world, "/one")
    [row] = await world.rows()
    now, later = world.clock(), world.clock() + 30 * DAY_MS
    async with world.services.ledger.write() as connection:
        for entry in (
            revealed("The district court"),
            revealed("The police", ground="authority", hidden_until=later),
        ):
            at = ("ada@example.org", now)
            await enter(connection, world.site.id, row["visitor_id"], entry, at)
    first = plain((await press(world, mine.token)).text)
    world.clock.now = later
    second = plain((await press(world, mine.token)).text)

    assert "The district court Ground: A court order" in first
    assert "The police" not in first
    assert "The police Ground: The request of an authority" in second


async def test_the_words_are_shown_as_they_were_when_the_yes_was_given(world: World):
    mine = await visited(world, "/one")
    book = world.services.book
    draft = draft_of(book.policy(world.site).content)
    await book.publish(world.site, content_of(draft | {"name": "Another name"}), asks_again=False)
    said = plain((await press(world, mine.token)).text)

    assert "Example would like to record which pages you open" in said
    assert "By Another name, because you said yes." in said


async def test_a_yes_that_ended_is_said_to_have_ended(world: World):
    mine = await visited(world, "/one")
    world.clock.now += 200 * DAY_MS
    said = plain((await press(world, mine.token)).text)

    assert "Your yes ended on" in said
    assert "Erase everything" in said


async def test_a_yes_that_a_new_version_asks_again_for_is_said_to_have_ended(world: World):
    mine, book = await visited(world, "/one"), world.services.book
    draft = draft_of(book.policy(world.site).content)
    for name, asks_again in (("Typo mended", False), ("New owner", True)):
        await book.publish(world.site, content_of(draft | {"name": name}), asks_again=asks_again)
        said = plain((await press(world, mine.token)).text)
        assert ("Your visits are being recorded" in said) is not asks_again
        assert ("Your yes ended on" in said) is asks_again


async def test_what_a_website_says_is_shown_escaped(world: World):
    mine = world.browser()
    await mine.accept()
    hostile = "<img src=x onerror=alert(1)>"
    await mine.send(a_view(url="https://example.org/x", title=hostile))
    await world.rows()
    answer = await press(world, mine.token)

    assert hostile not in answer.text
    assert "&lt;img src=x onerror=alert(1)&gt;" in answer.text


async def test_law_6_the_file_has_everything_and_a_digest_that_is_signed(world: World):
    mine = await visited(world, "/one", "/two")
    answer = await press(world, mine.token, "take")
    files = unpacked(answer)
    data, digest = json.loads(files["data.json"]), json.loads(files["digest.json"])
    keys = (await world.client.get(f"/.well-known/askfirst/{world.site.key}.json")).json()
    [key] = public_keys(keys)
    named = {one["name"]: one["sha256"] for one in digest["distribution"]}

    assert answer.headers["content-type"] == "application/zip"
    assert [row["path"] for row in data["places"]["warehouse.events"]] == ["/one", "/two"]
    assert {"page.html", "data.json", "schema.json", "tables/warehouse.events.csv"} <= named.keys()
    assert named.keys() == files.keys() - {"digest.json"}
    assert is_signed_by(digest, key)
    assert not is_signed_by({**digest, "dateCreated": "2000-01-01T00:00:00Z"}, key)


@pytest.mark.parametrize(
    ("tag", "direction", "day"),
    [("de", "ltr", "Donnerstag, 1. Januar 2026"), ("ar", "rtl", "الخميس، 1 يناير 2026")],
)
async def test_the_page_in_the_file_is_in_the_language_of_the_page(
    world: World, tag: str, direction: str, day: str
):
    mine = await visited(world, "/one", "/two")
    answer = await press(world, mine.token, "take", tag=tag)
    page = unpacked(answer)["page.html"].decode()
    said, words = plain(page), words_in(tag)

    assert f'<html lang="{tag}" dir="{direction}">' in page
    for key in ("title", "known_title", "derived_title", "seen_none", "history_title", "raw"):
        assert words[key] in said, key
    assert f"{words['page']}: Title of /two (/two)" in said
    assert day in said
    assert CODE.search(page) is None  # whoever is shown the file could open the page with it


async def test_the_page_in_the_file_has_every_row_and_nothing_of_it_runs_or_loads(world: World):
    mine = world.browser()
    await mine.accept()
    hostile = "<img src=x onerror=alert(1)>"
    for number in range(120):
        world.clock.move(minutes=31)
        title = hostile if number == 0 else f"Title {number}"
        await mine.send(a_view(url=f"https://example.org/{number}", title=title))
    await world.rows()
    page = unpacked(await press(world, mine.token, "take"))["page.html"].decode()

    assert page.count('<li class="visit">') == 120
    assert "Title 119" in page
    assert hostile not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert 'content="default-src &#39;none&#39;; style-src &#39;sha256-' in page
    assert re.findall(r"<(?:script|link|form|img|iframe)|<[^>]*\ssrc=|url\(", page) == []


async def test_the_data_of_the_file_is_valid_by_its_schema(world: World):
    mine = await visited(world, "/one")
    files = unpacked(await press(world, mine.token, "take"))
    schema = json.loads(files["schema.json"])
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(files["data.json"]), schema)

    path = schema["properties"]["places"]["properties"]["warehouse.events"]["items"]["properties"]
    assert path["path"]["title"] == "Page"


async def test_law_6_the_file_of_a_visitor_holds_nobody_elses_rows(world: World):
    mine = await visited(world, "/mine")
    await visited(world, "/of-somebody-else")
    files = unpacked(await press(world, mine.token, "take"))

    assert not [name for name, body in files.items() if b"/of-somebody-else" in body]


@pytest.mark.parametrize("path", ["my-data", "receipt"])
async def test_a_page_that_is_read_while_everything_is_erased_keeps_no_code(
    world: World, monkeypatch: pytest.MonkeyPatch, path: str
):
    mine = await visited(world, "/one")
    await world.services.ledger.checkpoint()
    words, erased = ReceiptIssuer.words, asyncio.Event()

    async def words_after_an_erasure(*args: Any) -> Any:
        if not erased.is_set():
            erased.set()
            await mine.erase()
        return await words(*args)

    monkeypatch.setattr(ReceiptIssuer, "words", words_after_an_erasure)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Host": "stats.example.org"}
    form = urlencode({"token": mine.token})
    answer = await world.client.post(f"/{path}/{world.site.key}", content=form, headers=headers)
    async with world.services.ledger.read() as connection:
        kept = (await connection.execute(select(receipt_codes))).all()

    assert answer.status_code == 200
    assert erased.is_set()
    assert kept == []
    assert not CODE.search(answer.text)


@pytest.mark.parametrize("do", ["stop", "erase"])
async def test_the_browser_of_the_person_keeps_that_the_recording_stopped(world: World, do: str):
    mine = await visited(world, "/one")
    answer = await pressed_in_browser(world, mine.token, do, held=mine.token)

    assert f"{cookie_name(world.site.key)}=no;" in answer.headers["set-cookie"]


@pytest.mark.parametrize("do", ["stop", "erase"])
async def test_a_token_that_another_website_posts_changes_no_choice_of_the_browser(
    world: World, do: str
):
    theirs, other = await visited(world, "/theirs"), await visited(world, "/other")
    posted_abroad = await pressed_in_browser(world, theirs.token, do, held="")
    in_browser_of_other = await pressed_in_browser(world, theirs.token, do, held=other.token)

    assert posted_abroad.status_code == in_browser_of_other.status_code == 200
    assert "set-cookie" not in posted_abroad.headers
    assert "set-cookie" not in in_browser_of_other.headers


async def pressed_in_browser(world: World, token: str, do: str, held: str) -> httpx2.Response:
    """Press a button in a browser that sends a choice cookie, or none."""
    world.client.cookies.clear()
    kept = {"Cookie": f"{cookie_name(world.site.key)}={held}"} if held else {}
    return await world.client.post(
        f"/my-data/{world.site.key}?lang=en",
        content=urlencode({"token": token, "do": do}),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Host": "stats.example.org",
            **kept,
        },
    )


@pytest.mark.parametrize(
    ("hosts", "address"),
    [
        (("*.lib.test",), "https://lib.test/"),
        (("127.0.0.1", "localhost", "[::1]"), ""),
        (("localhost:8001", "lib.test"), "https://lib.test/"),
        ((), ""),
    ],
)
def test_the_way_back_to_the_website_leads_to_no_machine_of_the_visitor(
    hosts: tuple[str, ...], address: str
):
    assert website_of(a_site(hosts=hosts)) == address
