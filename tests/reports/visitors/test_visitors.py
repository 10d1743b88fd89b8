"""Visitors can be listed, opened and exported, and each time an entry is left for them first."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from sqlalchemy import BigInteger, insert

from askfirst.events import EVENT_COLUMNS
from askfirst.store.ledger.tables import (
    KEEPS_NO_VISITOR,
    consent_records,
    disclosures,
    metadata,
    withdrawals,
)
from askfirst.store.ledger.visitor_links import link
from askfirst.text.spreadsheets import cell, original
from reports.visitors.data_holders import HOLDERS
from reports.visitors.export import TIMES
from tests.reports.garden import ANNA, BERT, CLEO, EMAIL, Garden, ms, utc
from tests.reports.reading import Reading
from tests.world import open_world

PEOPLE = "Visitors, last seen first"
DASH = "\N{EN DASH}"


async def _two_people(garden: Garden) -> None:
    await garden.consent(ANNA)
    await garden.consent(BERT)
    garden.event(
        "2025-12-30T10:00", path="/first", referrer_host="search.example", browser="Chrome"
    )
    garden.event("2025-12-30T10:02", path="/next", browser="Chrome")
    garden.event(
        "2025-12-30T10:03:05",
        kind="link_click",
        link_url="https://out.example/",
        link_kind="outbound",
    )
    garden.event(
        "2025-12-31T22:59",
        visit_id="second",
        path="/later",
        browser="Firefox",
        referrer="https://news.example/item",
        referrer_host="news.example",
        ip="192.0.2.7",
        country="DE",
    )
    garden.event("2025-12-31T23:30", visitor_id=BERT)
    garden.store()


async def _read(garden: Garden, path: str) -> Reading:
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}{path}")
    assert answer.status_code == 200, answer.text
    return Reading(answer.text)


def _listed(page: Reading) -> list[str]:
    """Return the visitors whom the list leads to, in its order."""
    ends = [given.get("href", "").rsplit("/", 1)[-1] for tag, given in page.tags if tag == "a"]
    return [one for one in ends if len(one) == 32]


async def test_the_list_names_people_under_the_day_on_which_they_were_last_seen(
    garden: Garden,
) -> None:
    await _two_people(garden)
    page = await _read(garden, "/visitors")
    today, bert, yesterday, anna = page.tables[PEOPLE]

    assert _listed(page) == [BERT, ANNA]
    assert today == ["Today Thursday 1 January"]
    assert bert == ["A visitor", "/directly", "00:30", "first visit", "1 visit", "1 view", DASH]
    assert yesterday == ["Yesterday Wednesday 31 December 2025"]
    assert anna == [
        "Firefox, Germany",
        "/laterfrom news.example",
        "23:59",
        "First seen 30 Dec 2025",
        "2 visits",
        "3 views",
        "3m 05s",
    ]
    assert "2 in these days" in page.text


async def test_what_happened_before_the_period_is_told_by_first_seen_alone(garden: Garden) -> None:
    await garden.consent(ANNA)
    garden.event("2025-06-01T10:00", path="/long-ago", browser="Chrome")
    garden.event("2026-01-01T09:00", visit_id="now", path="/now", browser="Firefox")
    garden.event("2026-01-01T09:01", visit_id="now", path="/then", browser="Firefox")
    garden.store()
    page = await _read(garden, "/visitors?period=today")

    assert page.tables[PEOPLE][1] == [
        "Firefox",
        "/nowdirectly",
        "10:01",
        "First seen 1 Jun 2025",
        "1 visit",
        "2 views",
        "1m 00s",
    ]


@pytest.mark.parametrize(
    ("source", "referrer", "said"),
    [
        ("Newsletter_März", "", "Newsletter_März"),
        ("sale🎉", "news.example", "sale🎉"),
        ("", "xn--mnchen-3ya.example", "münchen.example"),
    ],
)
async def test_a_source_is_shown_as_it_was_written_and_a_host_as_people_read_it(
    garden: Garden, source: str, referrer: str, said: str
) -> None:
    await garden.consent(ANNA)
    garden.event("2026-01-01T08:00", path="/page", utm_source=source, referrer_host=referrer)
    garden.store()
    page = await _read(garden, "/visitors")

    assert page.tables[PEOPLE][1][1] == f"/pagefrom {said}"


async def test_a_visit_without_a_page_has_no_first_page_and_no_source(garden: Garden) -> None:
    await garden.consent(ANNA)
    garden.event("2026-01-01T08:00", path="/page", referrer_host="search.example")
    garden.event(
        "2026-01-01T11:00",
        visit_id="click",
        kind="link_click",
        link_url="https://out.example/",
        link_kind="outbound",
    )
    garden.store()
    page = await _read(garden, "/visitors?period=today")

    assert page.tables[PEOPLE][1][1] == "No page"


async def test_only_visitors_of_one_name_are_told_apart_by_digits(garden: Garden) -> None:
    for visitor, browser in ((ANNA, "Chrome"), (BERT, "Chrome Mobile"), (CLEO, "Safari")):
        await garden.consent(visitor)
        garden.event("2026-01-01T10:00", visitor_id=visitor, browser=browser, device="phone")
    garden.store()
    page = await _read(garden, "/visitors?period=today")

    names = [row[0] for row in page.tables[PEOPLE][1:]]
    assert names == [
        "ChromePhone \N{MIDDLE DOT} aaaa",
        "ChromePhone \N{MIDDLE DOT} bbbb",
        "SafariPhone",
    ]


async def test_where_nobody_came_there_is_one_thing_to_do(garden: Garden) -> None:
    nobody = await _read(garden, "/visitors?period=7d")
    never = await _read(garden, "/visitors?period=all")
    beyond = await _read(garden, "/visitors?period=7d&page=9")

    assert nobody.links["Show all time"] == f"/sites/{garden.site.key}/visitors?period=all"
    assert never.links["See whether the tag is on your pages"].endswith("/install")
    assert beyond.links["Seen later"].endswith("page=8")
    assert not any(PEOPLE in page.tables for page in (nobody, never, beyond))


async def test_nothing_on_the_pages_about_people_is_told_by_a_title_alone(garden: Garden) -> None:
    await _two_people(garden)
    for path in ("/visitors", f"/visitors/{ANNA}"):
        page = await _read(garden, path)
        assert not [given for _, given in page.tags if "title" in given]


async def test_the_list_keeps_to_its_period_and_site(garden: Garden) -> None:
    await _two_people(garden)
    await garden.consent(CLEO, site_id=garden.other.id)
    garden.event("2026-01-01T10:00", visitor_id=CLEO, site_id=garden.other.id)
    garden.store()
    page = await _read(garden, "/visitors?period=today")

    assert _listed(page) == [BERT]


async def test_the_list_is_paged_by_fifty(garden: Garden) -> None:
    for number in range(60):
        visitor = f"{number:032x}"
        await garden.consent(visitor)
        garden.event(f"2026-01-01T10:{59 - number // 2:02d}", visitor_id=visitor)
    garden.store()
    first = await _read(garden, "/visitors?period=7d")
    second = await _read(
        garden, first.links["Seen earlier"].removeprefix(f"/sites/{garden.site.key}")
    )

    shown = [given.get("href", "") for page in (first, second) for _, given in page.tags]
    assert len([href for href in shown if len(href.rsplit("/", 1)[-1]) == 32]) == 60
    assert "Seen earlier" not in second.links
    assert "period=7d" in second.links["Seen later"]


async def test_the_timeline_shows_every_visit_newest_first_in_the_sites_time(
    garden: Garden,
) -> None:
    await _two_people(garden)
    page = await _read(garden, f"/visitors/{ANNA}")
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


def _consents(page: Reading) -> list[list[str]]:
    [table] = [rows for name, rows in page.tables.items() if name.startswith("When / State")]
    return table


async def test_the_consent_records_show_each_consent_and_its_withdrawal_in_order(
    garden: Garden,
) -> None:
    await _two_people(garden)
    await garden.withdraw(ANNA, "2025-12-31T23:00")
    at = ms(utc("2025-12-31T23:00"))
    await garden.consent(ANNA, state="withdrawn", event_time=at, record_id="w" * 32, hash="w")
    later = ms(utc("2026-01-01T10:00"))
    await garden.consent(ANNA, consent_id="e" * 32, event_time=later, record_id="2" * 32, hash="2")
    table = _consents(await _read(garden, f"/visitors/{ANNA}"))

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
    await _two_people(garden)
    await garden.withdraw(ANNA, "2025-12-31T23:00")
    table = _consents(await _read(garden, f"/visitors/{ANNA}"))

    assert [row[:3] for row in table] == [
        ["1 Jan 2026, 00:00:00", "Withdrawn", ANNA],
        ["1 Jan 2025, 01:00:00", "Given", ANNA],
    ]


async def test_law_3_each_visit_names_its_consent_for_auditors(garden: Garden) -> None:
    await garden.consent(ANNA)
    garden.event("2026-01-01T10:00", consent_id="e" * 32)
    garden.store()
    page = await _read(garden, f"/visitors/{ANNA}")

    assert page.tables["Visit / Consent"] == [["1 Jan 2026, 11:00:00", "e" * 32]]


async def test_a_visit_of_one_event_has_no_length(garden: Garden) -> None:
    await garden.consent(ANNA)
    garden.event("2026-01-01T10:00")
    garden.store()
    page = await _read(garden, f"/visitors/{ANNA}")

    assert "Today, 11:00 1st visit \N{MIDDLE DOT} 1 page" in " ".join(page.text.split())
    assert page.figures["Visit time"] == [DASH]


async def test_numbers_and_records_are_folded_under_for_auditors(garden: Garden) -> None:
    await _two_people(garden)
    page = await _read(garden, f"/visitors/{ANNA}")
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
    page = await _read(garden, f"/visitors/{ANNA}")
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
    page = await _read(garden, f"/visitors/{ANNA}")
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
    page = await _read(garden, f"/visitors/{ANNA}")

    assert told in " ".join(page.text.split())


async def test_a_timeline_of_many_visits_is_paged(garden: Garden) -> None:
    await garden.consent(ANNA)
    for day in range(1, 31):
        garden.event(f"2025-11-{day:02d}T10:00", visit_id=f"v{day}", path=f"/day-{day}-")
    garden.store()
    first = await _read(garden, f"/visitors/{ANNA}")
    second = await _read(garden, f"/visitors/{ANNA}?page=2")

    assert "/day-30-" in first.text
    assert "/day-1-" not in first.text
    assert "/day-1-" in second.text
    assert "/day-11-" not in second.text


async def test_law_9_whoever_lists_opens_or_exports_leaves_an_entry(garden: Garden) -> None:
    await _two_people(garden)
    client = await garden.signed_in()
    for path in ("", f"/{ANNA}"):
        answer = await client.get(f"/sites/{garden.site.key}/visitors{path}")
        assert answer.status_code == 200
    for ending in ("json", "csv"):
        answer = await garden.post(client, f"/visitors/{ANNA}/export.{ending}")
        assert answer.status_code == 200

    assert await garden.entries() == [
        (ANNA, EMAIL, "listed"),
        (BERT, EMAIL, "listed"),
        (ANNA, EMAIL, "opened"),
        (ANNA, EMAIL, "exported json"),
        (ANNA, EMAIL, "exported csv"),
    ]
    assert await garden.acts() == [("visitor_exported", EMAIL, garden.site.key)] * 2


async def test_law_9_being_listed_is_entered_once_a_day(garden: Garden) -> None:
    await _two_people(garden)
    for _ in range(2):
        await _read(garden, "/visitors")
    assert len(await garden.entries()) == 2
    garden.clock.move(days=1)
    await _read(garden, "/visitors")
    assert len(await garden.entries()) == 4


async def test_who_saw_a_visitor_is_said_in_sentences_and_what_is_alike_once(
    garden: Garden,
) -> None:
    await _two_people(garden)
    for path in ("/visitors", f"/visitors/{ANNA}", f"/visitors/{ANNA}"):
        page = await _read(garden, path)
    row = {
        "site_id": garden.site.id,
        "visitor_id": ANNA,
        "disclosed_at": ms(utc("2025-06-01")),
        "to_whom": "ben@example.org",
        "what": "exported csv",
    }
    async with garden.deps.ledger.write() as connection:
        await connection.execute(insert(disclosures), [row])
    page = await _read(garden, f"/visitors/{ANNA}")
    told = page.text.split("Who saw this")[1].split("The visitor")[0]

    assert " ".join(told.split()) == (
        "You opened this page, 3 timestoday, 13:00 You saw the listtoday, 13:00 "
        "ben@example.org took the file as CSV1 Jun 2025, 02:00"
    )


async def test_law_9_the_entry_is_there_before_the_data_is_shown(garden: Garden) -> None:
    await _two_people(garden)
    page = await _read(garden, f"/visitors/{ANNA}")
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


async def test_law_6_an_erased_visitor_is_neither_listed_nor_entered(garden: Garden) -> None:
    await _two_people(garden)
    [records] = [
        place for place in garden.deps.personal_data.holders if place.name.endswith("records")
    ]
    await records.erase(garden.site.id, ANNA)  # an erasure that has not reached the events yet
    page = await _read(garden, "/visitors")

    assert _listed(page) == [BERT]
    assert [visitor for visitor, _, _ in await garden.entries()] == [BERT]


async def test_law_6_the_json_file_holds_every_row_and_column_of_every_place(
    garden: Garden,
) -> None:
    await _two_people(garden)
    await garden.withdraw(ANNA, "2025-12-31T23:00")
    client = await garden.signed_in()
    answer = await garden.post(client, f"/visitors/{ANNA}/export.json")
    file = answer.json()

    assert set(file["places"]) == {place.name for place in garden.deps.personal_data.holders}
    events = file["places"]["warehouse.events"]
    assert [row["path"] for row in events] == ["/first", "/next", "/", "/later"]
    assert set(events[0]) == set(EVENT_COLUMNS)
    assert events[0]["time"] == "2025-12-30T10:00:00.000000Z"
    [record] = file["places"]["ledger.consent_records"]
    assert set(record) == set(consent_records.c.keys())
    assert record["purposes"] == ["statistics"]
    assert record["event_time"] == "2025-01-01T00:00:00.000Z"
    assert file["places"]["ledger.withdrawals"][0]["withdrawn_at"] == "2025-12-31T23:00:00.000Z"
    assert len(file["places"]["ledger.withdrawals"]) == 1
    assert BERT not in answer.text
    assert file["generated_at"] == "2026-01-01T12:00:00.000Z"
    assert file["site"]["key"] == garden.site.key
    assert answer.headers["content-disposition"] == (
        'attachment; filename="visitor-' + ANNA + '-2026-01-01.json"'
    )
    assert answer.headers["cache-control"] == "no-store"


async def test_law_6_the_csv_file_holds_the_same_rows(garden: Garden) -> None:
    await _two_people(garden)
    client = await garden.signed_in()
    base = f"/visitors/{ANNA}"
    answer = await garden.post(client, f"{base}/export.csv")
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    file = json.loads((await garden.post(client, f"{base}/export.json")).text)

    counts = {place: len(rows) for place, rows in file["places"].items() if rows}
    counts["ledger.disclosures"] -= 1  # the second export's own
    for place, count in counts.items():
        assert sum(row["place"] == place for row in table) == count
    assert next(iter(table[0])) == "place"
    assert set(EVENT_COLUMNS) | set(consent_records.c.keys()) <= set(table[0])
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].endswith('-2026-01-01.csv"')


def test_every_time_of_the_ledgers_places_is_known_to_the_export() -> None:
    tables = [metadata.tables[name] for name in metadata.tables if name not in KEEPS_NO_VISITOR]
    columns = [column for table in [*tables, withdrawals] for column in table.c]

    assert {one.name for one in columns if isinstance(one.type, BigInteger)} == TIMES


async def test_the_csv_file_writes_times_for_people(garden: Garden) -> None:
    await _two_people(garden)
    client = await garden.signed_in()
    answer = await garden.post(client, f"/visitors/{ANNA}/export.csv")
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    [record] = [row for row in table if row["place"] == "ledger.consent_records"]

    assert record["valid_until"] == "2027-01-01T00:00:00.000Z"
    assert {row["time"][-1:] for row in table if row["place"] == "warehouse.events"} == {"Z"}


@pytest.mark.parametrize("evil", ["=cmd|' /C calc'!A0", "\x00=1", "x;=1+1", "\uff1d1+1", "\n=1"])
async def test_no_cell_of_the_csv_is_a_formula(garden: Garden, evil: str) -> None:
    await garden.consent(ANNA)
    garden.event("2026-01-01T10:00", path=evil, referrer=evil, browser=f'"{evil},"')
    garden.store()
    client = await garden.signed_in()
    answer = await garden.post(client, f"/visitors/{ANNA}/export.csv")
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    [row] = [row for row in table if row["place"] == "warehouse.events"]

    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert row["path"] == cell(evil) != evil
    assert original(row["path"]) == evil
    assert original(row["browser"]) == f'"{evil},"'


async def test_hostile_values_stay_text_on_the_visitors_pages(garden: Garden) -> None:
    evil = "<script>alert(1)</script>"
    await garden.consent(ANNA, language=evil, method=evil, purposes=[evil])
    garden.event(
        "2026-01-01T10:00",
        **dict.fromkeys(("path", "referrer", "referrer_host", "ip", "browser", "country"), evil),
    )
    row = {
        "site_id": garden.site.id,
        "visitor_id": ANNA,
        "disclosed_at": ms(utc("2025-06-01")),
        "to_whom": evil,
        "what": evil,
    }
    async with garden.deps.ledger.write() as connection:
        await connection.execute(insert(disclosures), [row])
    garden.store()

    for path in ("/visitors", f"/visitors/{ANNA}"):
        page = await _read(garden, path)
        assert evil not in page.html
        assert evil in page.text


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
    "exported csv": ("POST", "/export.csv"),
    "asked to erase": ("POST", "/erase"),
}


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
        assert "/read-by-a" in answer.text
        assert "/read-by-c" in answer.text
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
