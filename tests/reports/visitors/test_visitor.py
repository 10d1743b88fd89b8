"""A visitor's page shows every visit, consent and disclosure, and leaves an entry."""

import io
import re
import zipfile
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import insert

from askfirst.store.ledger.tables import (
    disclosures,
)
from askfirst.store.ledger.visitor_links import link
from reports.visitors.data_holders import HOLDERS
from tests.reports.garden import ANNA, BERT, CLEO, EMAIL, Garden, ms, utc
from tests.reports.reading import Reading
from tests.reports.visitors.people import DASH, read, two_people
from tests.world import open_world


async def test_the_timeline_shows_every_visit_newest_first_in_the_sites_time(
    garden: Garden,
) -> None:
    await two_people(garden)
    page = await read(garden, f"/visitors/{ANNA}")
    text = " ".join(page.text.split())
    dot = "\N{MIDDLE DOT}"

    assert f"Yesterday, 23:59 2nd visit {dot} 1 page {dot} from news.example/item" in text
    assert f"Tuesday 30 December 2025, 11:00 1st visit {dot} 3m 05s {dot} 2 pages" in text
    assert text.index("2nd visit") < text.index("1st visit")
    assert "11:00 /first 2m 00s 11:02 /next 1m 05s" in text
    assert "11:03 Left for out.example" in text
    assert page.figures["IP address"] == ["192.0.2.7"]
    assert page.figures["Visits"] == ["2"]
    assert page.figures["First seen"] == ["30 Dec 2025"]
    assert page.figures["Last seen"] == ["Yesterday, 23:59"]


async def test_what_the_reports_leave_out_is_said_at_the_visit_and_at_the_figures(
    garden: Garden,
) -> None:
    await garden.consent(ANNA)
    garden.event("2025-12-30T10:00", visit_id="first")
    out = {"site_id": -garden.site.id, "bot_rule": "webdriver", "visit_id": "program"}
    for second in (0, 23):
        garden.event(f"2025-12-31T10:00:{second:02}", **out)
    garden.store()
    listed, page = await read(garden, "/visitors"), await read(garden, f"/visitors/{ANNA}")
    text = " ".join(page.text.split())
    dot = "\N{MIDDLE DOT}"

    assert "1 visit" in " ".join(listed.text.split())
    assert f"2nd visit {dot} 23s {dot} 2 pages {dot} directly {dot} left out of the reports" in text
    assert f"1st visit {dot} 1 page {dot} directly Taken" not in text
    assert (
        "The reports and the list of visitors leave out 1 of the visits and 2 of the page views."
    ) in text


def _consents(page: Reading) -> list[list[str]]:
    [table] = [rows for name, rows in page.tables.items() if name.startswith("When / State")]
    return table


async def test_the_consent_records_show_each_consent_and_its_withdrawal_in_order(
    garden: Garden,
) -> None:
    await two_people(garden)
    await garden.withdraw(ANNA, "2025-12-31T23:00")
    at = ms(utc("2025-12-31T23:00"))
    await garden.consent(ANNA, state="withdrawn", event_time=at, record_id="w" * 32, hash="w")
    later = ms(utc("2026-01-01T10:00"))
    await garden.consent(ANNA, consent_id="e" * 32, event_time=later, record_id="2" * 32, hash="2")
    table = _consents(await read(garden, f"/visitors/{ANNA}"))

    assert [row[:3] for row in table] == [
        ["1 Jan 2026, 11:00:00", "Given", "e" * 32],
        ["1 Jan 2026, 00:00:00", "Withdrawn", ANNA],
        ["1 Jan 2025, 01:00:00", "Given", ANNA],
    ]
    assert table[2][3:] == [
        "1 Jan 2027, 01:00:00",
        "statistics",
        "version 1",
        "en",
        "The question",
        f"r{ANNA[1:]}",
    ]


async def test_a_withdrawal_without_its_record_is_shown_as_well(garden: Garden) -> None:
    await two_people(garden)
    await garden.withdraw(ANNA, "2025-12-31T23:00")
    table = _consents(await read(garden, f"/visitors/{ANNA}"))

    assert [row[:3] for row in table] == [
        ["1 Jan 2026, 00:00:00", "Withdrawn", ANNA],
        ["1 Jan 2025, 01:00:00", "Given", ANNA],
    ]


async def test_law_3_each_visit_names_its_consent_for_auditors(garden: Garden) -> None:
    await garden.consent(ANNA)
    garden.event("2026-01-01T10:00", consent_id="e" * 32)
    garden.store()
    page = await read(garden, f"/visitors/{ANNA}")

    assert page.tables["Visit / Consent"] == [["1 Jan 2026, 11:00:00", "e" * 32]]


async def test_a_visit_of_one_event_has_no_length(garden: Garden) -> None:
    await garden.consent(ANNA)
    garden.event("2026-01-01T10:00")
    garden.store()
    page = await read(garden, f"/visitors/{ANNA}")

    assert "Today, 11:00 1st visit \N{MIDDLE DOT} 1 page" in " ".join(page.text.split())
    assert page.figures["Visit time"] == [DASH]


async def test_numbers_and_records_are_folded_under_for_auditors(garden: Garden) -> None:
    await two_people(garden)
    page = await read(garden, f"/visitors/{ANNA}")
    before, _, folded = page.html.partition("For auditors")

    assert ANNA in folded
    assert 'datetime="2025-01-01T00:00:00Z"' in folded
    assert not re.findall(r">[^<]*[0-9a-f]{32}", before)
    assert [tag for tag, _ in page.tags].count("table") == folded.count("<table")


async def test_what_is_the_same_in_every_visit_is_said_once(garden: Garden) -> None:
    await garden.consent(ANNA)
    same = {"country": "DE", "language": "de", "browser": "Firefox", "browser_version": "149"}
    garden.event("2025-12-30T10:00", ip="192.0.2.1", **same)
    garden.event("2025-12-31T10:00", ip="192.0.2.2", visit_id="second", **same)
    garden.store()
    page = await read(garden, f"/visitors/{ANNA}")
    known = page.text.split("Known about this visitor")[1].split("Who saw this")[0]

    assert known.split() == ["CountryGermany", "LanguageGerman", "BrowserFirefox", "149"]
    assert page.text.count("Firefox 149") == 1
    assert page.text.count("192.0.2.1") == page.text.count("192.0.2.2") == 1
    assert "192.0.2" not in known


async def test_a_choice_stands_at_the_visit_in_which_it_was_made(garden: Garden) -> None:
    await garden.consent(ANNA, given="2025-12-30T10:00:58", valid_until=ms(utc("2026-06-30")))
    garden.event("2025-12-30T10:01", path="/first")
    garden.store()
    await garden.withdraw(ANNA, "2025-12-31T23:00")
    page = await read(garden, f"/visitors/{ANNA}")
    text = " ".join(page.text.split())
    said = "11:00 Said yes: Visit statistics The question, in English; holds until 30 Jun version 1"

    assert f"{said} 11:01 /first" in text
    assert "Today, 00:00 not during a visit 00:00 Took the yes back" in text
    assert "Consent Withdrawn today Visit statistics. 1 yes, 1 withdrawal." in text


@pytest.mark.parametrize(
    ("until", "told"),
    [
        ("2026-06-30", "Yes, since 30 Dec 2025 Visit statistics. Holds until 30 Jun. 1 yes, no"),
        ("2025-12-31", "Ended yesterday Visit statistics. 1 yes, no withdrawal."),
    ],
)
async def test_what_the_choices_come_to_is_said_in_a_sentence(
    garden: Garden, until: str, told: str
) -> None:
    await garden.consent(ANNA, given="2025-12-30T10:00", valid_until=ms(utc(until)))
    garden.event("2025-12-30T10:01")
    garden.store()
    page = await read(garden, f"/visitors/{ANNA}")

    assert told in " ".join(page.text.split())


async def test_a_timeline_of_many_visits_is_paged(garden: Garden) -> None:
    await garden.consent(ANNA)
    for day in range(1, 31):
        garden.event(f"2025-11-{day:02d}T10:00", visit_id=f"v{day}", path=f"/day-{day}-")
    garden.store()
    first = await read(garden, f"/visitors/{ANNA}")
    second = await read(garden, f"/visitors/{ANNA}?page=2")

    assert "/day-30-" in first.text
    assert "/day-1-" not in first.text
    assert "/day-1-" in second.text
    assert "/day-11-" not in second.text


async def test_who_saw_a_visitor_is_said_in_sentences_and_what_is_alike_once(
    garden: Garden,
) -> None:
    await two_people(garden)
    for path in ("/visitors", f"/visitors/{ANNA}", f"/visitors/{ANNA}"):
        page = await read(garden, path)
    row = {
        "site_id": garden.site.id,
        "visitor_id": ANNA,
        "disclosed_at": ms(utc("2025-06-01")),
        "to_whom": "ben@example.org",
        "what": "exported csv",
    }
    async with garden.deps.ledger.write() as connection:
        await connection.execute(insert(disclosures), [row])
    page = await read(garden, f"/visitors/{ANNA}")
    told = page.text.split("Who saw this")[1].split("The visitor")[0]

    assert " ".join(told.split()) == (
        "You opened this page, 3 timestoday, 13:00 You saw the listtoday, 13:00 "
        "ben@example.org took the file as CSV1 Jun 2025, 02:00"
    )


async def test_law_9_the_entry_is_there_before_the_data_is_shown(garden: Garden) -> None:
    await two_people(garden)
    page = await read(garden, f"/visitors/{ANNA}")
    client = await garden.signed_in()
    file = (await garden.post(client, f"/visitors/{ANNA}/export.json")).json()

    assert "You opened this page" in page.text.split("Who saw this")[1]
    told = [row["what"] for row in file["places"]["ledger.disclosures"]]
    assert told == ["opened", "exported json"]


@pytest.mark.parametrize("ending", ["", "/export.json", "/export.csv"])
@pytest.mark.parametrize("visitor", [CLEO, "d" * 32, "x", "A" * 32, "%2e%2e", "a" * 31, "'; --"])
async def test_law_9_strangers_are_not_found_and_leave_no_entry(
    garden: Garden, visitor: str, ending: str
) -> None:
    await garden.consent(CLEO, site_id=garden.other.id)
    garden.event("2026-01-01T10:00", visitor_id=CLEO, site_id=garden.other.id)
    garden.store()
    client = await garden.signed_in()
    path = f"/visitors/{visitor}{ending}"
    if ending:
        answer = await garden.post(client, path)
    else:
        answer = await client.get(f"/sites/{garden.site.key}{path}")

    assert answer.status_code == 404
    assert await garden.entries() == []


async def test_a_choice_that_replaces_another_is_told_as_a_change(garden: Garden) -> None:
    yes = {"state": "renewed", "purposes": ["statistics", "revenue"]}
    await garden.consent(ANNA, given="2025-12-01T10:00")
    await garden.consent(
        ANNA, given="2025-12-02T10:00", **yes, consent_id="d" * 32, record_id="2" * 32, hash="2"
    )
    again = {"state": "renewed", "consent_id": "e" * 32, "record_id": "3" * 32, "hash": "3"}
    await garden.consent(ANNA, given="2025-12-03T10:00", **again)
    garden.event("2025-12-01T10:00", path="/knots")
    garden.event("2025-12-01T10:05", kind="form_submit", form="join")
    garden.store()
    page = await read(garden, f"/visitors/{ANNA}")
    consent = await read(garden, f"/visitors/{ANNA}?show=consent")
    actions = await read(garden, f"/visitors/{ANNA}?show=actions")
    said = [" ".join(one.text.split()).split("Timeline")[1] for one in (page, consent, actions)]

    assert "Changed the yes: Visit statistics, revenue" in said[0]
    assert "Changed the yes: Visit statistics; no longer: revenue" in said[0]
    assert said[0].count("Changed the yes") == 2
    assert "/knots" in said[0]
    assert "Changed the yes" in said[1]
    assert "Said yes: Visit statistics" in said[1]
    assert "/knots" not in said[1]
    assert "Sent the form join" in said[2]
    assert "Said yes" not in said[2].split("Known about")[0].split("Consent ")[0]


async def test_a_timeline_shows_only_what_it_can(garden: Garden) -> None:
    await two_people(garden)
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}/visitors/{ANNA}?show=goals")

    assert answer.json()["error"]["field"] == "show"
    assert await garden.entries() == []


async def test_every_place_that_knows_visitors_has_words_on_the_pages(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        names = {place.name for place in world.services.personal_data.holders}

    assert set(HOLDERS) == names
    assert not [words for words in HOLDERS.values() if "." in words or "_" in words]


async def test_a_visitors_page_names_where_rows_are_held_in_words(garden: Garden) -> None:
    await garden.consent(ANNA)
    garden.event("2026-01-01T10:00")
    garden.store()
    client = await garden.signed_in()
    page = Reading((await client.get(f"/sites/{garden.site.key}/visitors/{ANNA}")).text)

    assert "Events: page views and clicks" in page.text
    assert not [holder for holder in HOLDERS if holder in page.html]


async def _anna_who_was_cleo(garden: Garden) -> None:
    for visitor in (ANNA, BERT, CLEO):
        await garden.consent(visitor)
        garden.event("2026-01-01T10:00", visitor_id=visitor, path=f"/read-by-{visitor[:1]}")
    async with garden.deps.ledger.write() as connection:
        await link(connection, garden.site.id, ANNA, CLEO, 1)
    garden.store()


PERSON_ACTS = {
    "opened": ("GET", ""),
    "exported json": ("POST", "/export.json"),
    "exported csv": ("POST", "/export.zip"),
    "exported xlsx": ("POST", "/export.xlsx"),
    "exported html": ("POST", "/export.html"),
    "asked to erase": ("POST", "/erase"),
}


def _told(answer: httpx2.Response) -> str:
    """Return what an answer says, as a page, a file, or a file in which several are packed."""
    if not answer.content.startswith(b"PK"):
        return answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as folder:
        return "".join(folder.read(name).decode() for name in folder.namelist())


@pytest.mark.parametrize("asked", [ANNA, CLEO], ids=["the newer id", "the earlier id"])
@pytest.mark.parametrize("what", PERSON_ACTS)
async def test_law_9_every_pseudonym_whose_rows_are_shown_gets_the_entry(
    garden: Garden, what: str, asked: str
) -> None:
    await _anna_who_was_cleo(garden)
    client = await garden.signed_in()
    method, path = PERSON_ACTS[what]
    path = f"/visitors/{asked}{path}"
    if method == "GET":
        answer = await client.get(f"/sites/{garden.site.key}{path}")
    else:
        answer = await garden.post(client, path)

    assert answer.status_code == 200
    if what != "asked to erase":
        assert "/read-by-a" in _told(answer)
        assert "/read-by-c" in _told(answer)
    assert "/read-by-b" not in answer.text
    assert sorted(await garden.entries()) == [(ANNA, EMAIL, what), (CLEO, EMAIL, what)]


async def test_law_9_who_is_found_by_a_number_learns_of_it_under_every_pseudonym(
    garden: Garden,
) -> None:
    await _anna_who_was_cleo(garden)
    client = await garden.signed_in()
    await garden.post(client, "/visitors/find", number=CLEO)

    said = "found by a number"
    assert sorted(await garden.entries()) == [(ANNA, EMAIL, said), (CLEO, EMAIL, said)]


async def test_law_9_the_entry_stays_with_a_pseudonym_when_the_other_ends_alone(
    garden: Garden,
) -> None:
    await _anna_who_was_cleo(garden)
    client = await garden.signed_in()
    await client.get(f"/sites/{garden.site.key}/visitors/{ANNA}")
    await garden.eraser.erase_alone(garden.site.id, [CLEO])

    assert await garden.entries() == [(ANNA, EMAIL, "opened")]


async def test_a_pseudonym_that_no_record_names_any_more_is_not_shown_with_the_others(
    garden: Garden,
) -> None:
    await _anna_who_was_cleo(garden)
    places = garden.deps.personal_data.holders
    [records] = [place for place in places if place.name == "ledger.consent_records"]
    await records.erase(garden.site.id, CLEO)  # an erasure that has not reached the events yet
    client = await garden.signed_in()
    base = f"/sites/{garden.site.key}/visitors"
    page, gone = await client.get(f"{base}/{ANNA}"), await client.get(f"{base}/{CLEO}")

    assert "/read-by-a" in page.text
    assert "/read-by-c" not in page.text
    assert gone.status_code == 404
    assert await garden.entries() == [(ANNA, EMAIL, "opened")]
