"""Every table as a file: whole, the same rows in each format, with harmless cells."""

import asyncio
import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx2
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from starlette.applications import Starlette

from askfirst.store.ledger.tables import consent_records
from askfirst.text.spreadsheets import original
from reports.authentication.sessions import HOUR_MS
from reports.files import files as files_page
from reports.files import formats, raw_events
from reports.files.formats import written
from reports.tables.progress import Progress
from reports.tables.registry import REPORTS
from reports.tables.spool import Rows
from reports.tables.table import Field, schema_of
from tests.reports.garden import ANNA, BERT, CLEO, EMAIL, Garden
from tests.reports.reading import Reading

DAYS = "?period=7d"
EVIL = ["=1+1", "+1", "-1", "@a", "\t=1", "a\x00b", "<b>", 'a"b', "ü€", "x,=1"]


def read_csv(content: bytes) -> list[dict[str, str]]:
    text = content.decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return [{name: original(value) for name, value in row.items()} for row in rows]


def read_sheet(content: bytes) -> list[list[str]]:
    """Read the rows of the one sheet: the texts and numbers of its cells."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    found = re.findall(r"<row [^>]*>(.*?)</row>", sheet, re.DOTALL)
    return [re.findall(r"<(?:t|v)(?: [^>]*)?>(.*?)</(?:t|v)>", row, re.DOTALL) for row in found]


async def file(garden: Garden, name: str, query: str = DAYS) -> httpx2.Response:
    [answer] = await files(garden, (name, query))
    return answer


async def files(garden: Garden, *wanted: tuple[str, str]) -> list[httpx2.Response]:
    garden.store()
    client, path = await garden.signed_in(), f"/sites/{garden.site.key}/files/"
    return [await client.get(f"{path}{name}{query}") for name, query in wanted]


async def test_a_table_is_whole_in_every_format_and_the_header_says_how_long(
    garden: Garden,
) -> None:
    for number in range(130):
        garden.event("2026-01-01T11:00", path=f"/{number:03d}")
    wanted = [f"/{number:03d}" for number in range(130)]
    answers = await files(garden, *((f"pages.{one}", DAYS) for one in formats.FORMATS))
    found = dict(zip(formats.FORMATS, answers, strict=True))
    bodies = {name: answer.content for name, answer in found.items()}

    assert [row["name"] for row in read_csv(bodies["csv"])] == wanted
    whole = json.loads(bodies["json"])
    assert [row["name"] for row in whole.pop("rows")] == wanted
    assert whole == {
        "report": "pages",
        "site": garden.site.key,
        "from": "2025-12-26",
        "to": "2026-01-01",
        "time_zone": "Europe/Berlin",
        "generated_at": whole["generated_at"],
    }
    assert [json.loads(one)["name"] for one in bodies["jsonl"].splitlines()] == wanted
    assert [row[0] for row in read_sheet(bodies["xlsx"])[1:]] == wanted
    table = pq.read_table(io.BytesIO(bodies["parquet"]))
    assert table["name"].to_pylist() == wanted
    assert table.schema.names == ["name", "visitors", "visits", "views", "bounce_rate", "engaged"]
    assert {answer.headers["askfirst-rows"] for answer in found.values()} == {"130"}
    name = f'attachment; filename="pages-{garden.site.key}-2025-12-26-2026-01-01.csv"'
    assert found["csv"].headers["content-disposition"] == name
    assert found["csv"].headers["cache-control"] == "no-store"


async def test_every_report_is_a_file_with_the_columns_that_it_promises(garden: Garden) -> None:
    garden.event("2026-01-01T11:00", country="DE")
    garden.event("2026-01-01T11:01", kind="link_click", link_url="https://a.example/")
    garden.deps.tallies.add(garden.site.id, "no_consent")
    garden.store()
    client = await garden.signed_in()
    for name, report in REPORTS.items():
        answer = await client.get(f"/sites/{garden.site.key}/files/{name}.parquet{DAYS}")
        assert answer.status_code == 200, answer.text
        table = pq.read_table(io.BytesIO(answer.content))
        fields = tuple(replace(one, zone=garden.site.time_zone) for one in report.fields)
        assert table.schema.equals(schema_of(fields)), name
        assert table.num_rows == int(answer.headers["askfirst-rows"])


async def test_days_and_moments_are_dates_for_excel_and_pandas_and_iso_8601_elsewhere(
    garden: Garden,
) -> None:
    """A sheet has the site's clocks, so that a day of Berlin is not the evening before."""
    garden.event("2026-01-01T11:00")
    garden.event("2025-12-31T11:00", visitor_id=BERT)
    days = "?period=custom&from=2025-12-31&to=2026-01-01&by=day"
    names = ("over-time.csv", "over-time.parquet", "over-time.xlsx", "new-and-returning.xlsx")
    found = [one.content for one in await files(garden, *((name, days) for name in names))]
    frame = pq.read_table(io.BytesIO(found[1])).to_pandas()

    begins = [row["begins"] for row in read_csv(found[0])]
    assert begins == ["2025-12-31T00:00:00+01:00", "2026-01-01T00:00:00+01:00"]
    assert list(frame["begins"].dt.strftime("%Y-%m-%d %H:%M %z")) == [
        "2025-12-31 00:00 +0100",
        "2026-01-01 00:00 +0100",
    ]
    for sheet, form in ((found[2], "yyyy-mm-dd hh:mm"), (found[3], "yyyy-mm-dd")):
        assert [row[0] for row in read_sheet(sheet)[1:]] == ["46022", "46023"]
        with zipfile.ZipFile(io.BytesIO(sheet)) as book:
            assert f'formatCode="{form}"' in book.read("xl/styles.xml").decode()


def test_a_moment_in_utc_is_written_with_a_z() -> None:
    fields = (Field("begins", "Begins", "", "moment"),)
    moment = datetime(2026, 10, 31, tzinfo=UTC)
    batch = pa.RecordBatch.from_pylist([{"begins": moment}], schema=schema_of(fields))

    assert json.loads(b"".join(written("jsonl", batch.schema, [batch], {}))) == {
        "begins": "2026-10-31T00:00:00Z"
    }


def test_columns_of_a_sheet_are_as_wide_as_what_is_in_them_within_limits() -> None:
    batch = pa.RecordBatch.from_pydict({"n": [1], "name": ["a" * 30], "long": ["a" * 900]})
    body = b"".join(written("xlsx", batch.schema, [batch], {}))
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    widths = [float(one) for one in re.findall(r'<col [^>]*width="([0-9.]+)"', sheet)]

    assert [round(one) for one in widths] == [11, 33, 63]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_a_spreadsheet_would_run_is_harmless_in_its_cells(form: str) -> None:
    batch = pa.RecordBatch.from_pydict({"name": EVIL})
    body = b"".join(written(form, batch.schema, [batch], {}))
    if form == "csv":
        text = body.decode("utf-8-sig")
        cells = [row["name"] for row in csv.DictReader(io.StringIO(text, newline=""))]
        assert [original(one) for one in cells] == EVIL
    else:
        cells = [row[0] for row in read_sheet(body)[1:]]
        assert "a_x0000_b" in cells
    assert not [one for one in cells if one.lstrip().startswith(("=", "+", "-", "@"))]


def test_a_table_longer_than_a_sheet_is_refused_for_excel(monkeypatch: Any) -> None:
    monkeypatch.setattr(formats, "SHEET_ROWS", 5)
    batch = pa.RecordBatch.from_pydict({"name": ["a"] * 6})
    with pytest.raises(formats.Malformed, match="A sheet has at most 5 rows"):
        list(written("xlsx", batch.schema, [batch], {}))


async def test_a_file_obeys_the_filters_and_only_its_own_site(garden: Garden) -> None:
    garden.event("2026-01-01T11:00", path="/a", country="DE", visitor_id=ANNA)
    garden.event("2026-01-01T11:00", path="/b", country="AT", visitor_id=BERT)
    garden.event("2026-01-01T11:00", path="/c", site_id=garden.other.id)
    answer = await file(garden, "pages.csv", f"{DAYS}&where=country,is,DE")
    assert [row["name"] for row in read_csv(answer.content)] == ["/a"]


REFUSED = {
    ("nothing.csv", DAYS): 404,
    ("pages.exe", DAYS): 404,
    ("pages", DAYS): 404,
    ("pages.csv", "?period=custom&from=2026-02-30&to=2026-03-01"): 400,
    ("pages.csv", "?where=nothing,is,x"): 400,
    ("choices.csv", "?where=country,is,DE"): 400,
}


async def test_what_is_no_file_is_refused(garden: Garden) -> None:
    answers = await files(garden, *REFUSED)
    assert [one.status_code for one in answers] == list(REFUSED.values())


async def test_no_file_is_given_without_a_session(garden: Garden) -> None:
    for name in ("", "/pages.csv", "/overview.html"):
        answer = await garden.client().get(f"/sites/{garden.site.key}/files{name}")
        assert answer.headers["location"].startswith("/sign-in")


async def test_the_page_leads_to_every_table_and_keeps_days_and_filters(garden: Garden) -> None:
    garden.event("2026-01-01T11:00", country="DE")
    garden.store()
    client = await garden.signed_in()
    where = "where=country%2Cis%2CDE"
    html = (await client.get(f"/sites/{garden.site.key}/files{DAYS}&{where}")).text
    hrefs = re.findall(rf'href="(/sites/{garden.site.key}/files/[^"]+)" download', html)

    assert len(hrefs) == len(REPORTS) * 4 + 2
    assert f"/sites/{garden.site.key}/files/pages.csv?period=7d&amp;{where}" in hrefs
    assert f"/sites/{garden.site.key}/files/choices.csv?period=7d" in hrefs
    named = {href.partition("?")[0].rpartition("/")[2] for href in hrefs}
    assert named == {
        "overview.html",
        "overview.pdf",
        *(f"{name}.{form}" for name in REPORTS for form in ("csv", "json", "xlsx", "parquet")),
    }


async def test_a_whole_list_has_a_menu_of_its_files(garden: Garden) -> None:
    garden.event("2026-01-01T11:00")
    page = await garden.overview("?period=7d&show=countries&page=1")
    assert page.links["CSV"] == f"/sites/{garden.site.key}/files/countries.csv?period=7d"


async def test_the_files_of_a_list_are_searched_and_sorted_as_it_is(garden: Garden) -> None:
    for name, visitor in (("AT", ANNA), ("DE", BERT)):
        garden.event("2026-01-01T11:00", country=name, visitor_id=visitor)
    garden.event("2026-01-01T11:01", country="FR", visitor_id=CLEO)
    page = await garden.overview("?period=7d&show=countries&q=r&sort=name&order=down")
    answer = await (await garden.signed_in()).get(page.links["CSV"])

    assert page.links["CSV"].endswith("period=7d&q=r&sort=-name")
    names = [line.split(",")[0] for line in answer.text.splitlines()[1:]]
    assert [one.strip('"') for one in names] == ["FR", "DE", "AT"]


async def test_the_overview_as_one_file_needs_nothing_else_and_holds_no_secret(
    garden: Garden,
) -> None:
    garden.event("2026-01-01T11:00", path="/</style><script>")
    answer = await file(garden, "overview.html")
    html = answer.text

    assert answer.headers["content-disposition"].endswith('.html"')
    assert "Page views" in Reading(html).text
    assert "/</style><script>" in Reading(html).text
    for word in ("<script", "<link", "<form", "csrf", EMAIL, "src=", 'href="/', "@import"):
        assert word not in html, word
    assert html.count("<style>") == 2
    assert ">Referrers<" not in html  # a tab that is not shown
    assert "default-src 'none'" in html


@pytest.mark.parametrize("query", ["?period=7d&where=country,is,DE", "?period=7d", "?period=all"])
async def test_the_overview_as_one_file_shows_nothing_that_only_the_server_answers(
    garden: Garden, query: str
) -> None:
    garden.event("2026-01-01T11:00", country="DE" if "where" in query else "FR")
    answer = await file(garden, "overview.html", query)
    html, told = answer.text, Reading(answer.text).text
    assert answer.status_code == 200

    for control in ("Add a note", "All 1", "More about", "What these", "How visitors", "here now"):
        assert control not in told, control
    for control in ("Weeks", "See why", "Try again", "Show all", "The speed of", "Check that"):
        assert control not in told, control
    assert ("Germany" in told) == ("DE" in query)
    assert "<ul" not in html.partition("chart-foot")[2].partition("</figure>")[0]


async def test_the_overview_of_a_new_site_as_one_file_says_that_nothing_was_recorded(
    garden: Garden,
) -> None:
    told = Reading((await file(garden, "overview.html")).text).text

    assert "Nothing was recorded in these days." in told
    assert "Get the line" not in told
    assert "Put the tag in" not in told


class Events:
    """Takes the events of some days as the owner."""

    def __init__(self, garden: Garden) -> None:
        self.garden = garden

    async def taken(self, form: str, query: str = DAYS) -> httpx2.Response:
        self.garden.store()
        client = await self.garden.signed_in()
        return await self.garden.post(client, f"/files/events{query}", format=form)


async def test_law_9_whoever_takes_the_events_is_entered_with_every_visitor_in_them(
    garden: Garden, monkeypatch: Any
) -> None:
    monkeypatch.setattr(raw_events, "MOST_AT_ONCE", 2)
    for visitor in (ANNA, BERT):
        await garden.consent(visitor)
    for minute, visitor in enumerate((ANNA, BERT, CLEO, ANNA, BERT)):
        garden.event(f"2026-01-01T10:{minute:02d}", visitor_id=visitor, path="=1+1")
    garden.event("2025-12-01T10:00", visitor_id=ANNA)
    answer = await Events(garden).taken("csv")
    rows = read_csv(answer.content)

    assert [row["visitor_id"] for row in rows] == [ANNA, BERT, ANNA, BERT]  # none names Cleo
    assert rows[0]["time"] == "2026-01-01T10:00:00.000Z"
    assert rows[0]["path"] == "=1+1"
    assert await garden.entries() == [
        (ANNA, EMAIL, "exported events"),
        (BERT, EMAIL, "exported events"),
    ]
    assert await garden.acts() == [("events_exported", EMAIL, garden.site.key)]


async def test_law_9_files_that_are_written_side_by_side_each_enter_their_visitors(
    garden: Garden, monkeypatch: Any
) -> None:
    monkeypatch.setattr(raw_events, "MOST_AT_ONCE", 2)
    for visitor in (ANNA, BERT):
        await garden.consent(visitor)
    for minute, visitor in enumerate((ANNA, BERT, ANNA, BERT, ANNA)):
        garden.event(f"2026-01-01T10:{minute:02d}", visitor_id=visitor)
    events = Events(garden)
    answers = await asyncio.gather(events.taken("csv"), events.taken("csv"))
    await events.taken("csv")  # in the same millisecond, for the clock stands still

    assert [len(read_csv(one.content)) for one in answers] == [5, 5]
    assert sorted(await garden.entries()) == [
        *[(ANNA, EMAIL, "exported events")] * 3,
        *[(BERT, EMAIL, "exported events")] * 3,
    ]


async def test_law_6_whoever_is_erased_while_a_file_is_written_is_missing_from_its_rest(
    garden: Garden, monkeypatch: Any
) -> None:
    monkeypatch.setattr(raw_events, "MOST_AT_ONCE", 1)
    for visitor in (ANNA, BERT):
        await garden.consent(visitor)
    for minute, visitor in enumerate((ANNA, BERT, ANNA, BERT)):
        garden.event(f"2026-01-01T10:{minute:02d}", visitor_id=visitor)
    garden.store()
    site, start = garden.site.id, garden.clock() - 5 * HOUR_MS
    wanted = raw_events.Wanted(site, start, garden.clock(), EMAIL, "jsonl")
    content = b""
    async for piece in raw_events.pieces(garden.deps, wanted):
        content += piece
        if content.count(b"\n") == 2:
            statement = consent_records.update().where(consent_records.c.visitor_id == ANNA)
            async with garden.deps.ledger.write() as connection:
                await connection.execute(statement.values(visitor_id=None))
    found = [json.loads(one)["visitor_id"] for one in content.splitlines()]

    assert found == [ANNA, BERT, BERT]


async def test_events_are_the_same_in_every_format(garden: Garden) -> None:
    await garden.consent(ANNA)
    garden.event(
        "2026-01-01T10:00:00.123", kind="custom_event", event_name="order", amount=19_990,
        currency="EUR",
    )  # fmt: skip
    answer = await Events(garden).taken("jsonl")
    [row] = [json.loads(one) for one in answer.content.splitlines()]
    table = pq.read_table(io.BytesIO((await Events(garden).taken("parquet")).content))
    [other] = table.to_pylist()

    assert row["amount"] == 19.99
    assert row["time"] == "2026-01-01T10:00:00.123Z"
    assert {**other, "time": row["time"]} == row
    assert other["time"].isoformat() == "2026-01-01T10:00:00.123000+00:00"


async def test_events_are_given_to_a_form_with_the_sessions_secret_alone(garden: Garden) -> None:
    await garden.consent(ANNA)
    garden.event("2026-01-01T10:00")
    garden.store()
    client = await garden.signed_in()
    path = f"/sites/{garden.site.key}/files/events"
    answers = [
        await client.get(path),
        await client.post(path, data={"format": "csv", "csrf": "x"}),
        await garden.client().post(path, data={"format": "csv"}),
        await garden.post(client, "/files/events", format="xlsx"),
    ]
    assert [one.status_code for one in answers] == [405, 403, 303, 400]
    assert await garden.entries() == []
    assert await garden.acts() == []


NAME = "0f" * 16


async def told(garden: Garden, app: Starlette, query: str) -> tuple[list[dict[str, Any]], Any]:
    """Take a file of many rows, ask how far it is at each piece, and return what was told."""
    client, seen = await garden.signed_in(app), []
    path = f"/sites/{garden.site.key}/files"

    async def sent(message: Any) -> None:
        if message["type"] == "http.response.body":
            seen.append((await client.get(f"{path}/making/{NAME}")).json())
        messages.append(message)

    messages: list[Any] = []
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    scope = {
        "type": "http",
        "method": "GET",
        "path": f"{path}/pages.csv",
        "query_string": query.encode(),
        "headers": [(b"cookie", cookie.encode()), (b"host", b"reports.example")],
        "client": ("127.0.0.1", 1),
        "scheme": "https",
        "asgi": {"spec_version": "2.4"},
    }
    await app(scope, asyncio.Event().wait, sent)
    return seen, messages


@pytest.fixture
def many(garden: Garden, monkeypatch: pytest.MonkeyPatch) -> Garden:
    """A garden with thirty pages, whose batches have ten rows."""
    for nth in range(30):
        garden.event("2026-01-01T11:00", path=f"/{nth:02d}")
    garden.store()
    batches = Rows.batches

    def small(rows: Rows) -> Iterator[pa.RecordBatch]:
        for batch in batches(rows):
            yield from (batch.slice(first, 10) for first in range(0, batch.num_rows, 10))

    monkeypatch.setattr(Rows, "batches", small)
    return garden


async def test_a_file_tells_the_rows_that_are_done_of_those_that_were_counted(
    many: Garden,
) -> None:
    seen, messages = await told(many, many.app(), f"period=7d&making={NAME}")
    assert [(one["rows"], one["of"]) for one in seen[1:4]] == [(0, 30), (10, 30), (20, 30)]
    assert {one["state"] for one in seen[:-1]} == {"writing"}
    assert not messages[-1]["more_body"]
    assert len(read_csv(b"".join(one.get("body", b"") for one in messages))) == 30


async def test_a_file_that_is_cancelled_or_fails_half_way_has_no_end(
    many: Garden, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = many.app()
    watched = Progress.watched

    def cut(
        progress: Progress, batches: Iterator[pa.RecordBatch], of: int
    ) -> Iterator[pa.RecordBatch]:
        for nth, batch in enumerate(watched(progress, batches, of)):
            yield batch
            progress.stop = nth == 0
            if fails:
                raise ValueError("The disk is gone.")

    monkeypatch.setattr(Progress, "watched", cut)
    fails = False
    _, cancelled = await told(many, app, f"period=7d&making={NAME}")
    fails = True
    with pytest.raises(ValueError, match="disk"):
        await told(many, app, f"period=7d&making={NAME[::-1]}")
    client = await many.signed_in(app)
    path = f"/sites/{many.site.key}/files/making"
    states = [(await client.get(f"{path}/{one}")).json()["state"] for one in (NAME, NAME[::-1])]

    assert states == ["cancelled", "failed"]
    assert cancelled[0]["status"] == 200
    assert all(one["more_body"] for one in cancelled[1:])


async def test_a_file_that_is_cancelled_while_its_rows_are_read_is_not_begun(
    many: Garden, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = many.app()
    client = await many.signed_in(app)
    path = f"/sites/{many.site.key}/files"
    tell = Progress.tell

    def stopped(progress: Progress, rows: int) -> None:
        progress.stop = True
        tell(progress, rows)

    monkeypatch.setattr(Progress, "tell", stopped)
    answer = await client.get(f"{path}/pages.csv?period=7d&making={NAME}")
    state = (await client.get(f"{path}/making/{NAME}")).json()
    assert (answer.status_code, answer.content) == (204, b"")
    assert (state["state"], state["rows"], state["of"]) == ("cancelled", 30, None)


async def test_the_overview_as_a_file_tells_that_it_is_made_and_is_cancelled(
    many: Garden, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = many.app()
    client = await many.signed_in(app)
    path = f"/sites/{many.site.key}/files"
    seen: list[str] = []

    async def slow(*_: Any) -> bytes:
        seen.append((await client.get(f"{path}/making/{NAME}")).json()["state"])
        await many.post(client, f"/files/making/{NAME}/cancel")
        await asyncio.sleep(0)
        seen.append("went on")
        return b""

    page = await client.get(f"{path}/overview.html?period=7d&making={NAME[::-1]}")
    ended = (await client.get(f"{path}/making/{NAME[::-1]}")).json()
    monkeypatch.setattr(files_page, "paper_of", slow)
    paper = await client.get(f"{path}/overview.pdf?period=7d&making={NAME}")
    state = (await client.get(f"{path}/making/{NAME}")).json()

    assert (page.status_code, ended["state"], ended["of"]) == (200, "done", None)
    assert seen == ["reading"]
    assert (paper.status_code, paper.content, state["state"]) == (204, b"", "cancelled")
    bad = await client.get(f"{path}/overview.pdf?period=7d&making=x")
    assert bad.status_code == 400


async def test_only_who_makes_a_file_sees_how_far_it_is_and_cancels_it(many: Garden) -> None:
    app = many.app()
    client = await many.signed_in(app)
    path = f"/sites/{many.site.key}/files"
    other = f"/sites/{many.other.key}/files/making/{NAME}"
    await client.get(f"{path}/pages.csv?period=7d&making={NAME}")

    assert (await client.get(f"{path}/making/{NAME}")).json()["state"] == "done"
    assert (await client.get(other)).status_code == 404
    assert (await many.client(app).get(f"{path}/making/{NAME}")).status_code == 303
    assert (await many.post(client, f"/files/making/{NAME}/cancel")).status_code == 204
    assert (await many.post(client, f"/files/making/{NAME[::-1]}/cancel")).status_code == 404
    foreign = f"/sites/{many.other.key}/files/pages.csv?period=7d&making={NAME}"
    assert (await client.get(foreign)).status_code == 400
    for bad in ("x", NAME.upper()):
        answer = await client.get(f"{path}/pages.csv?period=7d&making={bad}")
        assert answer.status_code == 400


async def test_a_download_that_a_browser_repeats_is_made_again_but_not_twice_at_once(
    many: Garden, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = many.app()
    client = await many.signed_in(app)
    path = f"/sites/{many.site.key}/files/pages.csv?period=7d&making={NAME}"
    first, again = [await client.get(path) for _ in range(2)]
    assert (again.status_code, again.content) == (200, first.content)

    found, meanwhile = files_page.rows_of, list[int]()

    async def slow(*asked: Any) -> Any:
        if not meanwhile:
            meanwhile.append((await client.get(path)).status_code)
        return await found(*asked)

    monkeypatch.setattr(files_page, "rows_of", slow)
    assert ((await client.get(path)).status_code, meanwhile) == (200, [400])
