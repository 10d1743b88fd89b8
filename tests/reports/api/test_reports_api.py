"""Programs read reports by a key that reads, within limits, and get errors of the one shape."""

import csv
import io
import re
from typing import Any

import httpx2

from askfirst.store.ledger.api_keys import EVENTS, REPORTS, ApiKeys
from reports.tables import registry
from tests.reports.garden import ANNA, BERT, Garden
from tests.reports.sites.test_api_keys import secret_in

ONE = {"visitors": 1, "visits": 1, "views": 1, "bounce_rate": 0, "engaged": 0}
TWO = {"visitors": 2, "visits": 2, "views": 2, "bounce_rate": 0.5, "engaged": 0}


async def key_of(garden: Garden, scope: str = REPORTS) -> str:
    async with garden.deps.ledger.write() as connection:
        keys = ApiKeys(garden.deps.ledger, garden.clock)
        return str(await keys.make(connection, garden.site.id, "Test", scope))


class Program:
    """A program that reads reports of a site with one key."""

    def __init__(self, garden: Garden, key: str) -> None:
        garden.store()
        self.client = garden.client(Authorization=f"Bearer {key}")
        self.path = f"/api/v1/sites/{garden.site.key}/reports"

    async def get(self, path: str) -> httpx2.Response:
        return await self.client.get(f"{self.path}{path}")

    async def rows(self, path: str) -> list[dict[str, Any]]:
        answer = await self.get(path)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["rows"])


async def test_a_key_that_reads_is_made_on_the_page_and_reads_a_report_page_by_page(
    garden: Garden,
) -> None:
    for path, visitor in (("/a", ANNA), ("/a", BERT), ("/b", ANNA), ("/c", ANNA)):
        garden.event("2026-01-01T11:00", path=path, visitor_id=visitor)
    made = await garden.post(await garden.signed_in(), "/api-keys", name="BI", scope="reports")
    program = Program(garden, secret_in(made.text))
    first = (await program.get("/pages?period=7d&limit=2")).json()
    last = (await program.get("/pages?period=7d&limit=2&offset=2&sort=-name")).json()

    assert "Reads reports" in made.text
    assert first == {
        "report": "pages",
        "site": garden.site.key,
        "from": "2025-12-26",
        "to": "2026-01-01",
        "time_zone": "Europe/Berlin",
        "generated_at": "2026-01-01T12:00:00.000Z",
        "limit": 2,
        "offset": 0,
        "more": True,
        "rows": [
            {"name": "/a", **TWO},
            {"name": "/b", **ONE},
        ],
    }
    assert last["rows"] == [{"name": "/a", **TWO}]
    assert last["more"] is False


async def test_the_list_names_every_report_with_its_fields(garden: Garden) -> None:
    answer = await Program(garden, await key_of(garden)).get("")
    listed = {one["name"]: one for one in answer.json()["reports"]}
    assert list(listed) == list(registry.REPORTS)
    assert [one["name"] for one in listed["pages"]["fields"]] == ["name", *ONE]


async def test_a_report_is_also_a_file_and_obeys_filters(garden: Garden) -> None:
    garden.event("2026-01-01T11:00", path="=1", country="DE", visitor_id=ANNA)
    garden.event("2026-01-01T11:00", path="/b", country="AT", visitor_id=BERT)
    program = Program(garden, await key_of(garden))
    answer = await program.get("/pages?period=7d&where=country,is,DE&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))

    assert [(row["name"], row["views"]) for row in rows] == [("'=1", "1")]
    assert answer.headers["askfirst-rows"] == "1"
    assert answer.headers["cache-control"] == "no-store"
    assert await program.rows("/pages?period=7d&where=country,is,AT") == [
        {"name": "/b", **ONE, "bounce_rate": 1}
    ]


async def test_an_answer_and_a_file_tell_what_conditions_are_on_unless_visits(
    garden: Garden,
) -> None:
    garden.event("2026-01-01T11:00", path="/a", country="DE", visitor_id=ANNA)
    program = Program(garden, await key_of(garden))
    where = "period=7d&where=country,is,DE"
    usual = (await program.get(f"/pages?{where}&on=visits")).json()
    events = (await program.get(f"/pages?{where}&on=events")).json()
    everything = (await program.get("/pages?period=7d&on=events")).json()
    client = await garden.signed_in()
    file = await client.get(f"/sites/{garden.site.key}/files/pages.json?{where}&on=events")

    assert (usual["where"], "on" in usual) == ("country,is,DE", False)
    assert (events["where"], events["on"]) == ("country,is,DE", "events")
    assert "on" not in everything
    assert file.json()["on"] == "events"


async def test_an_answer_and_a_file_tell_the_compared_days_where_there_are_any(
    garden: Garden,
) -> None:
    garden.event("2026-01-01T11:00")
    program = Program(garden, await key_of(garden))
    beside = (await program.get("/pages?period=7d&against=year")).json()
    alone = (await program.get("/pages?period=7d")).json()
    file = await program.get("/totals?period=7d&against=before&format=csv")
    plain = await program.get("/totals?period=7d&format=csv")
    wrong = await program.get("/pages?against=never")

    told = [beside[name] for name in ("against", "against_from", "against_to")]
    assert told == ["year", "2024-12-27", "2025-01-02"]
    assert not [name for name in alone if name.startswith("against")]
    assert beside["rows"][0]["visitors_before"] == 0
    assert '"views_before"' in file.text
    assert "_before" not in plain.text
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (400, "against")


async def test_a_key_for_events_reads_nothing_and_one_of_another_site_neither(
    garden: Garden,
) -> None:
    program = Program(garden, await key_of(garden, EVENTS))
    for answer in (await program.get(""), await program.get("/pages")):
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "bad_key"
        assert answer.headers["www-authenticate"] == "Bearer"
    strange = Program(garden, await key_of(garden))
    strange.path = f"/api/v1/sites/{garden.other.key}/reports"
    assert (await strange.get("/pages")).status_code == 404
    assert (await garden.client().get(strange.path)).status_code == 401
    signed_in = await garden.signed_in()
    assert (await signed_in.get(program.path)).status_code == 401


async def test_a_key_that_is_off_is_answered_so_until_it_is_on_again(garden: Garden) -> None:
    program = Program(garden, await key_of(garden))
    client = await garden.signed_in()
    await garden.post(client, "/api-keys/switch", id="1", to="off")
    for path in ("", "/pages", "/nothing"):
        answer = await program.get(path)
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "key_off"
        assert set(answer.json()) == {"error"}
    await garden.post(client, "/api-keys/switch", id="1", to="on")
    assert (await program.get("/pages")).status_code == 200


async def test_a_key_may_ask_so_often_a_minute_and_is_then_told_how_long_to_wait(
    garden: Garden,
) -> None:
    program = Program(garden, await key_of(garden))
    most = garden.deps.settings.key_reports_per_minute
    answers = [(await program.get("/nothing")).status_code for _ in range(most)]
    refused = await program.get("")
    other = Program(garden, await key_of(garden))
    other.client = program.client
    garden.clock.move(minutes=1)
    again = await program.get("")

    assert set(answers) == {404}
    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "too_fast"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert again.status_code == 200


async def test_wrong_keys_are_not_looked_up_without_end(garden: Garden) -> None:
    program = Program(garden, "askfirst_" + "x" * 43)
    answers = [(await program.get("")).status_code for _ in range(61)]
    assert answers == [401] * 60 + [429]


async def test_bad_input_is_named_in_the_one_shape_and_never_repeated(garden: Garden) -> None:
    program = Program(garden, await key_of(garden))
    wrong = {
        "/pages?period=never": "period",
        "/pages?period=custom&from=2026-02-30&to=2026-03-01": "from",
        "/pages?period=custom&from=2026-03-01&to=2026-02-01": "to",
        "/over-time?period=12m&by=hour": "by",
        "/pages?where=evil,is,x": "where",
        "/pages?where=country,is,DE&on=moon": "on",
        "/choices?where=country,is,DE": "where",
        "/pages?sort=evil": "sort",
        "/pages?limit=10001": "limit",
        "/pages?offset=-1": "offset",
        "/pages?format=exe": "format",
        "/pages?perod=7d": "perod",
        "/pages?%3Cevil%3E=1": "query",
    }
    for path, field in wrong.items():
        answer = await program.get(path)
        assert answer.status_code == 400, path
        assert answer.json()["error"]["field"] == field, path
        assert "evil" not in answer.text
    for path in ("/nothing", "/pages/more", "/../elsewhere"):
        answer = await program.get(path)
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "not_found"
    posted = await program.client.post(f"{program.path}/pages")
    assert (posted.status_code, posted.headers["allow"]) == (405, "GET, HEAD")


async def test_law_6_no_report_has_a_visitors_pseudonym_or_address(garden: Garden) -> None:
    garden.event("2026-01-01T11:00", ip="192.0.2.77", country="DE")
    garden.event("2026-01-01T11:00", kind="link_click", link_url="https://a.example/")
    program = Program(garden, await key_of(garden))
    for name in registry.REPORTS:
        text = (await program.get(f"/{name}?period=7d")).text
        assert not re.search(rf"{ANNA}|192\.0\.2\.77", text), name
