"""The demo: its website carries the tag, and generated visits are stored as real ones are."""

import io
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any, get_args

import httpx2
import pandas as pd
import pytest
from markupsafe import escape
from rich.console import Console

from askfirst.columns import KINDS
from askfirst.events import LinkKind
from askfirst.rules.applying import BY_ADDRESS, BY_PATH
from askfirst.settings import Settings
from collector.enrichment.places.records import Place
from server.demo.acts import acts_on
from server.demo.command import DemoSetup
from server.demo.crowd import COUNTRIES
from server.demo.live import HERE, LiveVisitors
from server.demo.senders import with_town
from server.demo.story import BannerHistory
from server.demo.website import DOWNLOAD, TITLES
from server.services import open_services
from tests.factories import MAXMIND, StoppedClock
from tests.world import open_world

KINDS_COUNTED = ("loaded", "shown", "accepted", "refused")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_folder=tmp_path / "data", places_file=MAXMIND)


async def test_as_many_visits_are_generated_as_were_asked_for_each_with_its_consent(
    settings: Settings,
):
    app = DemoSetup("http://a.test", "http://b.test", 300, Console(quiet=True))
    async with open_services(settings, StoppedClock()) as services:
        await app.greet(services)
        every = services.warehouse.events()
        left_out = len(services.warehouse.answer("SELECT site FROM events WHERE site < 0"))
        async with services.ledger.read() as connection:
            given = await connection.exec_driver_sql("SELECT consent_id FROM consent_records")
            consents = set(given.scalars())

    assert set(every["consent_id"]) <= consents
    assert every["time"].max().timestamp() * 1000 <= StoppedClock().now
    assert every["browser"].ne("").all()
    programs, people = every[every["bot_rule"] != ""], every[every["bot_rule"] == ""]
    own, events = people[people["excluded"] != 0], people[people["excluded"] == 0]
    visits = events["visit_id"].nunique()
    assert abs(visits - 300) <= 6  # a visitor may come back within the half hour
    assert 0 < programs["visit_id"].nunique() < 0.05 * visits
    assert {*own["excluded"]} == {BY_PATH, BY_ADDRESS}
    assert left_out == len(programs) + len(own)


async def test_every_kind_of_event_and_what_each_tells_occurs(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    loads: set[int] = set()
    count = BannerHistory.load

    def counted(self: BannerHistory, time: int, *told: str, signal: bool = False) -> None:
        loads.add(time)
        count(self, time, *told, signal=signal)

    monkeypatch.setattr(BannerHistory, "load", counted)
    app = DemoSetup("http://a.test", "http://b.test", 900, Console(quiet=True))
    async with open_services(settings, StoppedClock()) as services:
        await app.greet(services)
        every = services.warehouse.events()

    events = every[every["site_id"] > 0]
    seen = {name: set(events[name]) for name in events.columns}
    assert seen["kind"] == set(KINDS[1:])
    assert seen["link_kind"] == {"", *get_args(LinkKind)}
    assert seen["form"] == {"", "newsletter", "booking", "message"}
    assert seen["event_name"] == {"", "reserve", "listen", "donate"}
    assert seen["currency"] == {"", "GBP"}
    assert {"search", "paid_search", "email", "social", "ai_assistant", "referral", "direct"} <= (
        seen["channel"]
    )
    assert {"Google", "ChatGPT", "Instagram", "Harbour letter"} <= seen["source"]
    assert {"", "mobile", "Instagram", "Facebook", "webview"} <= seen["browser_variant"]
    assert {"desktop", "phone", "tablet", "television"} <= seen["device"]
    assert seen["status"] == {0, 200, 404}
    never = {name for name, values in seen.items() if values <= {"", 0}}
    unknown = {"country", "region", "city"}  # by the file of places
    assert never <= {"canonical", "query", "bot_rule", "excluded", *unknown}
    rules = {rule.partition(":")[0] for rule in every["bot_rule"]} - {""}
    assert rules == {"agent", "webdriver", "network", "prefetch", "spam"}
    views = every[every["kind"] == "page_view"]
    # those that the tag's request tells: by the user agent, or as one that is fetched ahead
    told = views["bot_rule"].str.match(r"agent:|prefetch$")
    assert not loads & times_of(views[told])
    assert times_of(views[~told]) <= loads


def test_an_address_of_a_known_country_is_always_in_one_of_its_cities() -> None:
    addresses = [f"81.2.69.{number}" for number in range(200)]
    for country in COUNTRIES:
        found = [with_town(Place(country), one) for one in addresses]
        assert found == [with_town(Place(country), one) for one in addresses]
        assert {(one.country, bool(one.region), bool(one.city)) for one in found} == {
            (country, True, True)
        }
        assert len({one.city for one in found}) > 1
    for kept in (Place(), Place("local"), Place("GB", "England", "York"), Place("JP")):
        assert with_town(kept, addresses[0]) == kept


def times_of(events: pd.DataFrame) -> set[int]:
    return {round(time.timestamp() * 1000) for time in events["time"]}


async def test_what_was_read_adds_up_and_the_deepest_part_of_a_page_is_told_in_steps(
    settings: Settings,
):
    app = DemoSetup("http://a.test", "http://b.test", 300, Console(quiet=True))
    async with open_services(settings, StoppedClock()) as services:
        await app.greet(services)
        events = services.warehouse.events()

    people = events[events["bot_rule"] == ""]  # referrer spam is no more than a view
    for _, visit in people.groupby("visit_id"):
        views, reading = _of(visit, "page_view"), _of(visit, "engagement")
        lasted = (visit["time"].max() - visit["time"].min()).total_seconds()
        assert 0 < reading["engaged_ms"].sum() <= 1000 * lasted
        assert (reading["scroll_from"] == 0).sum() == len(views)
        assert (reading["scroll_from"] < reading["scroll"]).all()
        assert len(_of(visit, "web_vitals")) <= len(views)


def _of(visit: pd.DataFrame, kind: str) -> pd.DataFrame:
    return visit[visit["kind"] == kind]


async def test_two_demos_of_one_moment_have_the_same_visits(tmp_path: Path):
    found = []
    for name in "ab":
        app = DemoSetup("http://a.test", "http://b.test", 60, Console(quiet=True))
        settings = Settings(data_folder=tmp_path / name, places_file=MAXMIND)
        async with open_services(settings, StoppedClock()) as services:
            await app.greet(services)
            events = services.warehouse.events()
        of_chance = ["visitor_id", "visit_id", "consent_id"]
        found.append(events.drop(columns=of_chance).sort_values("event_id", ignore_index=True))

    pd.testing.assert_frame_equal(*found)


async def test_a_second_demo_keeps_the_site_and_says_how_to_sign_in_without_the_password(
    settings: Settings,
):
    said = []
    for _ in range(2):
        console = Console(record=True, file=io.StringIO())
        app = DemoSetup("http://a.test", "http://b.test", 0, console)
        async with open_services(settings) as services:
            await app.greet(services)
            sites = len(services.book.all())
        said.append(console.export_text())

    assert sites == 1
    first, second = (" ".join(text.split()) for text in said)
    assert first.rpartition("Sign in as ")[2].startswith("owner@example.org with the password ")
    folder = settings.data_folder.absolute()
    assert second.endswith(
        "Sign in as owner@example.org; if the password is lost: askfirst staff reset"
        f" --data {folder}"
    )


async def test_each_page_of_the_website_carries_the_tag(settings: Settings):
    app = DemoSetup("http://a.test", "http://b.test", 0, Console(quiet=True))
    async with open_services(settings) as services:
        await app.greet(services)
        key = services.book.all()[0].key
    transport = httpx2.ASGITransport(app=app.website)
    async with httpx2.AsyncClient(transport=transport, base_url="http://b.test") as client:
        pages = [await client.get(path) for path in TITLES]
        download = await client.get(DOWNLOAD)
        missing = await client.get("/articles/fog-horns")

    for page in pages:
        assert page.status_code == 200
        assert f'src="http://a.test/tag.js" data-site="{key}"' in page.text
    assert "attachment" in download.headers["content-disposition"]
    assert missing.status_code == 404
    assert f'data-site="{key}" data-status="404"' in missing.text


async def test_what_visitors_are_said_to_do_can_be_done_on_the_website(settings: Settings):
    app = DemoSetup("http://a.test", "http://b.test", 0, Console(quiet=True))
    async with open_services(settings) as services:
        await app.greet(services)
    transport = httpx2.ASGITransport(app=app.website)
    async with httpx2.AsyncClient(transport=transport, base_url="http://b.test") as client:
        for path in TITLES:
            text = (await client.get(path)).text
            for kind, fields in (one for n in range(40) for one in acts_on(path, Random(n))):
                assert _stands_in(text, kind.kind, fields), (path, fields)


def _stands_in(page: str, kind: str, fields: dict[str, Any]) -> bool:
    if kind == "form_submit":
        return f'<form id="{fields["form"]}"' in page
    if kind == "link_click":
        return f'href="{fields["link_url"]}"' in page
    props = fields["props"].items()
    marks = [f'data-askfirst-prop-{name}="{escape(str(value))}"' for name, value in props]
    return all(one in page for one in (f'data-askfirst-event="{fields["name"]}"', *marks))


async def test_visitors_are_on_the_website_now_by_the_way_that_browsers_take(
    tmp_path: Path,
) -> None:
    """Each loads the tag and is asked; who says yes views pages and reads them, as anybody."""
    async with open_world(tmp_path, hosts=("127.0.0.1",), smallest_count=1) as world:

        async def ask(path: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
            method = "GET" if body is None else "POST"
            answer = await world.client.request(method, path, content=body, headers=dict(headers))
            assert answer.status_code < 300, answer.text
            return answer.content

        visitors = LiveVisitors(ask, world.site.key, "http://127.0.0.1:8001", Random(3))
        for _ in range(HERE + 16):
            await visitors.step()
        rows = await world.rows()
        counts = await world.services.counts.read(world.site.id, "2000-01-01", "2999-12-31")

    of_kind = {kind: sum(one.times for one in counts if one.kind == kind) for kind in KINDS_COUNTED}
    people = len({row["visitor_id"] for row in rows})
    views = sum(row["kind"] == "page_view" for row in rows)
    no = of_kind["refused"]
    assert people >= HERE
    assert no > 0
    assert {row["kind"] for row in rows} == {"page_view", "engagement"}
    assert of_kind == {
        "loaded": views + no, "shown": people + no, "accepted": people, "refused": no,
    }  # fmt: skip
    assert {row["path"] for row in rows} <= {*TITLES}
