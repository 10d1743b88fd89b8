"""Requests of visitors are listed by their legal due date, and noted with bounded words."""

from datetime import UTC, date, datetime

import pytest

from askfirst.consents import Claims
from askfirst.store.ledger.rights.receipt_codes import ReceiptCodes
from reports.visitor_requests.due_day import EXTENDED_MONTHS, due_day
from reports.visitor_requests.request_book import RequestBook, RequestDraft
from tests.reports.garden import ANNA, EMAIL, Garden, ms, open_garden
from tests.reports.reading import Reading
from tests.reports.visitor_requests.numbers import CONSENT, RECORD, anna, told

TODAY = "2026-01-01"
ASKED = {"kind": "see", "way": "post", "came_on": TODAY}
LIST = "Requests, those that wait first"


async def _listed(garden: Garden, client) -> Reading:
    return Reading((await client.get(f"/sites/{garden.site.key}/requests")).text)


@pytest.mark.parametrize(
    ("came", "due", "extended"),
    [
        (date(2026, 1, 31), date(2026, 2, 28), date(2026, 4, 30)),
        (date(2028, 1, 31), date(2028, 2, 29), date(2028, 4, 30)),
        (date(2026, 2, 28), date(2026, 3, 28), date(2026, 5, 28)),
        (date(2026, 12, 15), date(2027, 1, 15), date(2027, 3, 15)),
        (date(2026, 11, 30), date(2026, 12, 30), date(2027, 2, 28)),
    ],
)
def test_an_answer_is_due_on_the_same_day_of_the_next_month_or_its_last(
    came: date, due: date, extended: date
) -> None:
    assert due_day(came) == due
    assert due_day(came, EXTENDED_MONTHS) == extended


async def test_a_request_is_noted_with_its_visitor_and_the_check_of_the_identity(
    garden: Garden,
) -> None:
    await anna(garden)
    client = await garden.signed_in()
    fields = ASKED | {"number": f" {RECORD.upper()} ", "identity": " By a\n letter "}
    answer = await garden.post(client, "/requests", **fields)
    page = Reading((await client.get(answer.headers["location"])).text)

    assert answer.headers["location"] == f"/sites/{garden.site.key}/requests/1"
    assert page.links["Open the visitor"].endswith(f"/visitors/{ANNA}")
    assert "checked the identity: By a letter" in told(page)
    assert await garden.entries() == [(ANNA, EMAIL, "found by a number")]
    assert await garden.acts() == [("request_noted", EMAIL, garden.site.key)]
    assert (await _listed(garden, client)).tables[LIST] == [
        ["See the data", "1 Feb", "Open", "A visitor", "1 Jan"]
    ]


async def test_waiting_requests_come_first_by_due_day_and_overdue_is_said(garden: Garden) -> None:
    client = await garden.signed_in()
    for came in ("2025-12-20", "2025-11-30", "2025-12-01", "2025-11-01"):
        await garden.post(client, "/requests", **ASKED | {"came_on": came})
    await garden.post(client, "/requests/4/acts", act="answered")

    assert [row[1:3] for row in (await _listed(garden, client)).tables[LIST]] == [
        ["30 Dec 2025: overdue", "Open"],
        ["1 Jan", "Open"],
        ["20 Jan", "Open"],
        ["", "Answered"],
    ]


@pytest.mark.parametrize(
    ("zone", "day"), [("Pacific/Kiritimati", "2026-02-01"), ("Pacific/Pago_Pago", "2026-01-30")]
)
async def test_days_are_those_of_the_sites_zone(tmp_path, zone: str, day: str) -> None:
    async with open_garden(tmp_path, zone) as garden:
        garden.clock.now = ms(datetime(2026, 1, 31, 10, 30, tzinfo=UTC))
        client = await garden.signed_in()
        page = await _listed(garden, client)
        tomorrow = await garden.post(client, "/requests", **ASKED | {"came_on": "2026-02-02"})

    assert page.fields["came_on"] == day
    assert tomorrow.status_code == 422


WRONG = (
    {"kind": "x"},
    {"way": ""},
    {"came_on": "2026-01-02"},
    {"came_on": "2026-02-30"},
    {"came_on": "2019-01-01"},
    {"identity": "x" * 301},
    {"identity": "a\u202eb"},
    {"identity": f"It is {ANNA}"},
    {"identity": "By the code 7k2pm-0XQ4T-9WZ1B-C3D5E"},
    {"identity": "By the code 7k2pm 0XQ4T  9WZ1B C3D5E"},
    {"identity": "By the code 7k2pm0XQ4T9WZ1BC3D5E."},
    {"number": "d" * 32},
    {"number": "7K2PM-0XQ4T-9WZ1B-C3D5E"},
    {"number": "no number"},
)


async def test_words_with_the_number_of_an_order_are_taken_for_no_code(garden: Garden) -> None:
    await anna(garden)
    client = await garden.signed_in()
    words = {"identity": "Wrote from their order 12345 about seven other things"}

    assert (await garden.post(client, "/requests", **ASKED | words)).status_code == 303


async def test_what_is_wrong_is_said_and_nothing_is_noted(garden: Garden) -> None:
    await anna(garden)
    client = await garden.signed_in()
    for wrong in WRONG:
        answer = await garden.post(client, "/requests", **ASKED | wrong)
        page = Reading(answer.text)
        [field] = wrong
        assert answer.status_code == 422, wrong
        assert f'id="{field}-error"' in page.html, wrong
    forged = await client.post(f"/sites/{garden.site.key}/requests", data=ASKED | {"csrf": "x"})
    stranger = await garden.client().get(f"/sites/{garden.site.key}/requests")

    assert LIST not in (await _listed(garden, client)).tables
    assert forged.status_code == 403
    assert stranger.headers["location"].startswith("/sign-in?")
    assert await garden.acts() == []
    assert await garden.entries() == []


async def test_a_visitor_is_found_by_the_receipt_code_of_a_yes_on_this_site(
    garden: Garden,
) -> None:
    await anna(garden)
    codes = ReceiptCodes(b"k" * 32)
    yes = Claims(
        site_id=garden.site.id,
        visitor_id=ANNA,
        consent_id=CONSENT,
        policy_version=1,
        purposes=("statistics",),
        given_at=0,
        valid_until=1,
    )
    async with garden.deps.ledger.write() as connection:
        await codes.keep(connection, yes)
    client = await garden.signed_in()
    number = codes.of(yes).replace("-", " ").lower()
    answer = await garden.post(client, "/requests", **ASKED, number=number)
    find = Reading((await garden.post(client, "/visitors/find", number=number)).text)
    page = Reading((await client.get(answer.headers["location"])).text)

    for one in (find, page):
        assert one.links["Open the visitor"].endswith(f"/visitors/{ANNA}")


async def test_a_number_of_another_sites_visitor_is_not_found(garden: Garden) -> None:
    await garden.consent(ANNA, site_id=garden.other.id, consent_id=CONSENT)
    client = await garden.signed_in()
    answer = await garden.post(client, "/requests", **ASKED, number=CONSENT)

    assert answer.status_code == 422
    assert "This site knows no visitor by this number." in answer.text


async def test_the_form_opens_with_the_visitor_that_the_find_page_and_the_visitors_page_name(
    garden: Garden,
) -> None:
    await anna(garden)
    client = await garden.signed_in()
    find = Reading((await garden.post(client, "/visitors/find", number=RECORD)).text)
    page = Reading((await client.get(f"/sites/{garden.site.key}/visitors/{ANNA}")).text)
    started = Reading((await garden.post(client, "/requests/start", visitor=ANNA)).text)
    path = f"/sites/{garden.site.key}/requests/start"

    for one in (find, page):
        assert path in [given.get("formaction") for tag, given in one.tags if tag == "button"]
        assert ANNA in one.html
    assert started.fields["number"] == ANNA


async def test_a_long_list_has_pages(garden: Garden) -> None:
    book = RequestBook(garden.deps.ledger, garden.clock)
    async with garden.deps.ledger.write() as connection:
        for _ in range(51):
            draft = RequestDraft("erase", "mail", date(2026, 1, 1))
            await book.note(connection, garden.site.id, draft, EMAIL)
    client = await garden.signed_in()
    first = await _listed(garden, client)
    last = Reading((await client.get(first.links["Next"])).text)

    assert (len(first.tables[LIST]), len(last.tables[LIST])) == (50, 1)
    assert last.links["Previous"] == f"/sites/{garden.site.key}/requests?page=1"
