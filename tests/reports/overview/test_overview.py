"""The overview's figures, chart and cards equal a count by hand."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest

from askfirst.consents import REASON_LABELS, REASON_SENTENCES, Reason
from askfirst.store.warehouse.answering.page import Page
from tests.reports.garden import BERT, CLEO, Garden, every, open_garden
from tests.reports.overview.crowd import BEFORE, DAYS, END, START, a_crowd
from tests.reports.reading import Reading


def _within(garden: Garden, start: datetime, end: datetime) -> list[dict[str, Any]]:
    return [row for row in garden.rows if start <= row["time"] < end]


def _begun(garden: Garden, start: datetime, end: datetime) -> list[list[dict[str, Any]]]:
    """Return the visits that began within these times, each with all its events."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in sorted(garden.rows, key=lambda row: row["time"]):
        found[row["visit_id"]].append(row)
    return [visit for visit in found.values() if start <= visit[0]["time"] < end]


def _figures(garden: Garden, start: datetime, end: datetime) -> tuple[int, int, int, float, float]:
    rows, visits = _within(garden, start, end), _begun(garden, start, end)
    views = sum(row["kind"] == "page_view" for row in rows)
    bounces = sum(len(v) == 1 and v[0]["kind"] == "page_view" for v in visits)
    return (
        len({row["visitor_id"] for row in rows}),
        len(visits),
        views,
        views / len(visits),
        bounces / len(visits),
    )


def _counted(rows: list[dict[str, Any]], name: str) -> list[tuple[str, int, int]]:
    """Return (value, rows, visitors), most rows first."""
    amounts: dict[str, int] = defaultdict(int)
    people: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        amounts[row[name]] += 1
        people[row[name]].add(row["visitor_id"])
    ordered = sorted(amounts, key=lambda value: (-amounts[value], value))
    return [(value, amounts[value], len(people[value])) for value in ordered]


def _rows(page: Reading, caption: str) -> list[tuple[str, int, int]]:
    return [(a, int(b.replace(",", "")), int(c)) for a, b, c in page.tables[caption]]


async def test_the_headlines_equal_a_count_by_hand_and_the_change_since_before(
    garden: Garden,
) -> None:
    a_crowd(garden)
    page = await garden.overview(DAYS)
    now = _figures(garden, START, END)
    old = _figures(garden, BEFORE, START)
    shown = page.figures

    assert shown["Visitors"][0] == str(now[0])
    assert shown["Visits"][0] == str(now[1])
    assert shown["Page views"][0] == str(now[2])
    assert shown["Views per visit"][0] == f"{now[3]:.2f}"
    assert shown["Bounce rate"][0] == f"{now[4]:.1%}"
    assert shown["Engaged time"][0] == "0s"
    assert _number(shown["Visits"][1]) == pytest.approx((now[1] / old[1] - 1) * 100, abs=0.5)
    assert _number(shown["Bounce rate"][1]) == pytest.approx((now[4] - old[4]) * 100, abs=0.5)
    assert shown["Bounce rate"][1].startswith("=") or " pts" in shown["Bounce rate"][1]
    assert shown["Visits"][1].endswith(f" from {old[1]}")


def _number(text: str) -> float:
    """Read a change: "▲up 33% from 1,323" is 33, "▼down 0.7 pts from 32.3%" is -0.7."""
    said = text.partition(" from ")[0]
    if said == "=":
        return 0
    size = said.removesuffix("%").removesuffix(" pts").split()[1].replace(",", "")
    return float(size) if said.startswith("▲up") else -float(size)


async def test_the_lists_equal_a_count_by_hand(garden: Garden) -> None:
    a_crowd(garden)
    page = await garden.overview(f"{DAYS}&sources=referrers")
    entered = await garden.overview(f"{DAYS}&pages=entry-pages")
    left = await garden.overview(f"{DAYS}&pages=exit-pages")
    rows = _within(garden, START, END)
    views = [row for row in rows if row["kind"] == "page_view"]
    begun = _begun(garden, START, END)
    seen = [[row for row in visit if row["kind"] == "page_view"] for visit in begun]
    seen = [visit for visit in seen if visit]

    assert _rows(page, "Pages") == _counted(views, "path")
    assert _rows(entered, "Entry pages") == _counted([visit[0] for visit in seen], "path")
    assert _rows(left, "Exit pages") == _counted([visit[-1] for visit in seen], "path")
    came = _counted([visit[0] for visit in seen], "referrer_host")
    assert _rows(page, "Referrers") == [(a or "Direct, or not recorded", b, c) for a, b, c in came]


async def test_the_clicks_equal_a_count_by_hand_a_link_by_its_last_kind(garden: Garden) -> None:
    a_crowd(garden)
    page = await garden.overview(DAYS)
    clicks = [r for r in _within(garden, START, END) if r["kind"] == "link_click"]
    kinds = {row["link_url"]: row["link_kind"] for row in sorted(clicks, key=lambda r: r["time"])}
    expected = []
    for url, clicked, visitors in _counted(clicks, "link_url"):
        name = urlsplit(url).path if kinds[url] == "internal" else url.removeprefix("https://")
        expected.append([name, kinds[url], str(clicked), str(visitors)])

    shown = [[*row[0].split(), *row[1:]] for row in page.tables["Links"]]
    assert shown == expected


@pytest.mark.parametrize(
    ("caption", "column", "tab"),
    [
        ("Countries", "country", ""),
        ("Browsers", "browser", ""),
        ("Operating systems", "os", "technology=operating-systems"),
        ("Devices", "device", "technology=devices"),
        ("Languages", "language", "people=languages"),
    ],
)
async def test_what_visitors_have_equals_a_count_by_hand(
    garden: Garden, caption: str, column: str, tab: str
) -> None:
    a_crowd(garden)
    page = await garden.overview(f"{DAYS}&{tab}")
    rows = _within(garden, START, END)
    everybody = len({row["visitor_id"] for row in rows})
    people = sorted((c for _, _, c in _counted(rows, column)), reverse=True)

    assert [int(row[1]) for row in page.tables[caption]] == people
    assert [row[2] for row in page.tables[caption]] == [f"{n / everybody:.1%}" for n in people]


@pytest.mark.parametrize("by", ["hour", "day", "week", "month"])
@pytest.mark.parametrize("metric", ["visitors", "visits", "views"])
async def test_the_chart_equals_a_count_by_hand_in_every_step(
    garden: Garden, by: str, metric: str
) -> None:
    a_crowd(garden)
    page = await garden.overview(f"{DAYS}&by={by}&metric={metric}")
    [table] = [rows for name, rows in page.tables.items() if name.startswith("From / ")]
    steps: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    visits = [visit[0] for visit in _begun(garden, START, END)]
    for row in visits if metric == "visits" else _within(garden, START, END):
        local = row["time"].replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo("Europe/Berlin"))
        day = local.date()
        cut = {
            "hour": (day, local.hour, local.fold),
            "day": day,
            "week": day - timedelta(days=day.weekday()),
            "month": day.replace(day=1),
        }
        steps[cut[by]].append(row)
    counts: dict[str, Callable[[list[dict[str, Any]]], int]] = {
        "visitors": lambda rows: len({row["visitor_id"] for row in rows}),
        "visits": len,
        "views": lambda rows: sum(row["kind"] == "page_view" for row in rows),
    }
    expected = [counts[metric](steps[key]) for key in sorted(steps)]

    assert [int(row[1]) for row in table if row[1] != "0"] == [n for n in expected if n]
    assert len(table) == {"hour": 14 * 24 + 1, "day": 14, "week": 2, "month": 2}[by]


@pytest.mark.parametrize(
    ("metric", "value", "before", "change"),
    [
        ("views_per_visit", "1.50", "1.00", "▲ 50%"),
        ("bounce_rate", "50.0%", "100.0%", "▼ 50.0 pts"),
        ("engaged_seconds", "45s", "30s", "▲ 50%"),
    ],
)
async def test_means_and_shares_turn_the_chart_as_well(
    garden: Garden, metric: str, value: str, before: str, change: str
) -> None:
    for time, seconds in (("2025-12-25T12:00", 30), ("2025-12-29T12:00", 60)):
        garden.event(time, visit_id=time)
        read = {"kind": "engagement", "engaged_ms": seconds * 1000}
        garden.event(f"{time[:11]}12:05", visit_id=time, **read)
    garden.event("2025-12-29T12:04", visit_id="2025-12-29T12:00", path="/a")
    garden.event("2025-12-29T15:00", visit_id="short")
    garden.event("2025-12-29T15:01", visit_id="short", kind="engagement", engaged_ms=30_000)
    query = "?period=custom&from=2025-12-28&to=2025-12-30&against=custom"
    page = await garden.overview(
        f"{query}&against_from=2025-12-24&against_to=2025-12-26&metric={metric}"
    )
    [table] = [rows for name, rows in page.tables.items() if name.startswith("From / ")]

    dash = "\N{EN DASH}"
    assert [row[1:] for row in table] == [
        [dash, dash, dash],
        [value, before, change],
        [dash, dash, dash],
    ]
    label = {"views_per_visit": "Views per visit", "bounce_rate": "Bounce rate"}
    assert page.figures[label.get(metric, "Engaged time")][0] == value


async def test_a_mean_that_is_written_as_before_is_no_change(garden: Garden) -> None:
    for time, seconds in (("2025-12-25T12:00", 69.6), ("2025-12-29T12:00", 70.4)):
        read = {"kind": "engagement", "engaged_ms": int(seconds * 1000)}
        garden.event(time, visit_id=time)
        garden.event(f"{time[:11]}12:05", visit_id=time, **read)
    query = "?period=custom&from=2025-12-28&to=2025-12-30&against=custom"
    page = await garden.overview(f"{query}&against_from=2025-12-24&against_to=2025-12-26")

    assert page.figures["Engaged time"][:2] == ["1m 10s", "= from 1m 10s"]


async def test_steps_after_the_present_have_no_value(garden: Garden) -> None:
    garden.event("2026-01-01T11:30")
    page = await garden.overview("?period=today&by=hour")  # noon UTC is 13:00 in Berlin
    [table] = [rows for name, rows in page.tables.items() if name.startswith("From / ")]

    assert [row[1] for row in table] == ["0"] * 12 + ["1", "0"] + ["\N{EN DASH}"] * 10


async def test_an_empty_site_shows_zeros_and_dashes_and_how_to_install(garden: Garden) -> None:
    page = await garden.overview()

    assert page.figures["Visitors"][:2] == ["0", "\N{EN DASH}"]
    assert page.figures["Bounce rate"][:2] == ["\N{EN DASH}", "\N{EN DASH}"]
    assert page.figures["Engaged time"][0] == "\N{EN DASH}"
    assert "Three steps to the first figures" in page.text
    install = f"/sites/{garden.site.key}/install"
    assert page.links["Get the line"] == page.links["Put the tag in"] == install
    assert "See why" not in page.text


async def test_where_all_was_left_out_the_overview_leads_to_the_reasons(garden: Garden) -> None:
    garden.deps.tallies.add(garden.site.id, "webdriver", 16)
    page = await garden.overview()

    assert "No visit counts in these days" in page.text
    assert page.links["See why"].startswith(f"/sites/{garden.site.key}/not-recorded")
    assert "Nothing was recorded" not in page.text


@pytest.mark.parametrize("name", ["today", "yesterday", "7d", "90d", "month", "last-month", "12m"])
async def test_every_period_opens(garden: Garden, name: str) -> None:
    garden.event("2025-12-31T23:30")
    page = await garden.overview(f"?period={name}")

    assert page.figures["Visitors"][0] == ("0" if name in ("yesterday", "last-month") else "1")


async def test_all_time_reaches_back_to_the_first_event_and_compares_nothing(
    garden: Garden,
) -> None:
    garden.event("2021-06-01T12:00")
    garden.event("2026-01-01T11:00")
    page = await garden.overview("?period=all")

    assert page.figures["Page views"] == ["2", "?What “Page views” means"]
    assert "1 Jun 2021 \N{EN DASH} 1 Jan 2026" in page.text
    assert "Period before" not in page.text


async def test_another_sites_events_are_not_counted(garden: Garden) -> None:
    garden.event("2026-01-01T11:00", site_id=garden.other.id, path="/secret")
    page = await garden.overview()

    assert page.figures["Visitors"][0] == "0"
    assert "/secret" not in page.html


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("period=x", "period"),
        ("period=custom&from=x&to=2026-01-01", "from"),
        ("by=minute", "by"),
        ("metric=money", "metric"),
        ("pages=money", "pages"),
        ("technology=countries", "technology"),
        ("show=pages&page=0", "page"),
        ("show=pages&page=x", "page"),
        ("show=pages&page=%F0%9D%9F%8F", "page"),
        ("show=pages&page=99999999999999999999", "page"),
    ],
)
async def test_a_wrong_value_is_a_400_that_names_the_field(
    garden: Garden, query: str, field: str
) -> None:
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}?{query}")

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


async def test_a_wrong_day_is_named_as_the_form_names_it(garden: Garden) -> None:
    client = await garden.signed_in()
    base = f"/sites/{garden.site.key}?period=custom"
    told = {}
    for days in ("from=x&to=2026-01-01", "from=2026-01-01", "from=2026-01-02&to=2026-01-01"):
        told[days] = (await client.get(f"{base}&{days}")).json()["error"]["message"]
    first, last, turned = told.values()

    assert first.startswith("The first day, “From”, has to be a day between 2000-01-01")
    assert last.startswith("The last day, “To”, has to be a day")
    assert turned == "The last day, “To”, is before the first, “From”."


async def test_hostile_names_stay_text(garden: Garden) -> None:
    evil = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    for column in ("path", "referrer_host", "country", "browser", "os", "device", "language"):
        garden.event("2026-01-01T11:00", **{column: evil, "visit_id": column})
    garden.event("2026-01-01T11:00", kind="link_click", link_url=evil, link_kind=evil)
    page = await garden.overview()

    assert "<script>alert" not in page.html
    assert ("img", {"src": "x", "onerror": "alert(1)"}) not in page.tags
    assert not [given for _, given in page.tags if any(name.startswith("on") for name in given)]
    assert page.tables["Pages"][-1][0] == evil.replace(" ", "%20")


@pytest.mark.parametrize("query", ["", "?show=countries", "?show=pages"])
async def test_law_9_a_page_asks_nobody_else_and_needs_no_inline_code(
    garden: Garden, query: str
) -> None:
    garden.event("2026-01-01T11:00")
    page = await garden.overview(query)
    loaded = [g[k] for tag, g in page.tags if tag != "a" for k in ("src", "href") if k in g]

    assert loaded
    assert all(address.startswith("/") and address[1] != "/" for address in loaded)
    assert not [given for _, given in page.tags if "style" in given]
    assert all(
        g.get("src") or g.get("type") == "application/json" for t, g in page.tags if t == "script"
    )


async def test_law_8_the_tally_says_each_reason_once_in_words(garden: Garden) -> None:
    garden.deps.tallies.add(garden.site.id, "refused", 3)
    garden.deps.tallies.add(garden.site.id, "bot", 2)
    garden.deps.tallies.add(garden.site.id, "bot:GPTBot", 2)
    garden.deps.tallies.add(garden.site.id, "bot:Googlebot", 1)
    garden.deps.tallies.add(garden.other.id, "bot", 9)
    garden.deps.tallies.add(garden.site.id, "bad_origin", 7)
    garden.deps.tallies.add(garden.site.id, "agent:Googlebot", 2)
    garden.deps.tallies.add(garden.site.id, "webdriver", 1)
    garden.deps.tallies.add(garden.site.id, "excluded", 2)
    page = await garden.overview()

    assert page.tables["What was not recorded, by reason"] == [
        ["From a host that is not listed", "7"],
        ["A crawler that names itself", "5"],
        ["Recorded, but left out as made by a program", "3"],
        ["Recorded, but excluded by your rules", "2"],
    ]
    assert REASON_SENTENCES[Reason.BOT] not in page.text
    codes = page.text.split("For auditors: the codes")[1].split("By day")[0]
    assert (
        " ".join(codes.split())
        == "From a host that is not listed: bad_origin; A crawler that names itself: bot"
    )


async def test_the_answers_are_shown_apart_with_the_share_of_yes(garden: Garden) -> None:
    garden.deps.tallies.add(garden.site.id, "withdrawn", 4)
    for kind, times in (("shown", 6), ("accepted", 1), ("refused", 3), ("withdrawn", 2)):
        for _ in range(times):
            garden.deps.counts.add(garden.site.id, kind, "/", "en", 1)
    page = await garden.overview()

    assert page.tables["Answers to the question"] == [
        ["Said yes", "1"],
        ["Said no", "3"],
        ["Did not answer", "2"],
        ["Took a yes back", "2"],
    ]
    assert "Of those who answered, 25.0% said yes." in page.text
    [row] = page.tables["What was not recorded, by reason"]
    assert row == ["Consent was withdrawn", "4"]


async def test_where_nobody_answered_there_is_no_share(garden: Garden) -> None:
    page = await garden.overview()

    assert "Answers to the question" not in page.tables
    assert "Nobody was asked in these days." in page.text


def test_every_reason_has_a_label_and_a_sentence() -> None:
    assert set(REASON_LABELS) == set(REASON_SENTENCES) == set(Reason)
    assert len(set(REASON_LABELS.values())) == len(Reason)
    assert not [words for words in REASON_LABELS.values() if "_" in words or words.endswith(".")]


async def test_a_tab_of_a_card_is_a_link_that_keeps_every_other_choice(garden: Garden) -> None:
    garden.event("2026-01-01T11:00")
    first = await garden.overview("?period=7d&metric=views&technology=devices")
    chosen = await garden.overview("?" + first.links["Exit"].partition("?")[2])
    current = [
        given["data-tab"]
        for _, given in chosen.tags
        if "data-tab" in given and "aria-current" in given
    ]

    assert first.links["Exit"].endswith(
        "?period=7d&metric=views&technology=devices&pages=exit-pages#card-pages"
    )
    assert current == ["exit-pages", "channels", "countries", "devices", "clicks", "events"]
    assert {"Exit pages", "Devices"} <= chosen.tables.keys()
    assert not {"Pages", "Entry pages", "Browsers"} & chosen.tables.keys()


async def test_a_tab_that_is_not_shown_is_not_asked_of_the_warehouse(
    garden: Garden, monkeypatch: pytest.MonkeyPatch
) -> None:
    garden.event("2026-01-01T11:00")
    garden.store()
    asked: list[tuple[Any, ...]] = []
    rows = Page.rows

    def noting(page: Page, question: Any, *values: Any) -> Any:
        asked.append((question.__name__, *values))
        return rows(page, question, *values)

    monkeypatch.setattr(Page, "rows", noting)
    await garden.overview()
    [listed] = [values for name, *values in asked if name == "lists"]
    read = [values[1].column for name, *values in asked if name == "figures_by"]
    assert listed[1] == ("path", "channel", "country", "browser", "link")
    assert read == ["event_name"]

    asked.clear()
    client = await garden.signed_in()
    part = await client.get(f"/sites/{garden.site.key}?card=pages&pages=titles")
    assert [one[0] for one in asked if one[0] in ("lists", "figures_by", "over_time")] == [
        "figures_by"
    ]
    card = Reading(part.text)
    assert list(card.tables) == ["Titles"]
    assert "<html" not in part.text
    assert "pages=titles" in card.links["Titles"]


async def test_hosts_are_a_tab_where_there_are_several(garden: Garden) -> None:
    garden.event("2026-01-01T11:00", host="example.org")
    one = await garden.overview()
    asked = await garden.overview("?pages=hosts")

    assert "Hosts" not in one.links
    assert asked.tables["Hosts"] == [["example.org", "1", "1"]]


async def test_places_are_credited_where_countries_are_shown(garden: Garden) -> None:
    garden.event("2026-01-01T11:00", country="DE")
    for query in ("", "?show=countries"):
        page = await garden.overview(query)
        assert page.links["Data: IP Geolocation by DB-IP"] == "https://db-ip.com"
        assert page.tables["Countries"][0][0] == "Germany"


async def test_the_credit_is_that_of_the_file_that_is_used(garden: Garden) -> None:
    garden.event("2026-01-01T11:00", country="DE")
    provider = ["MaxMind"]
    garden.deps.pages.offer("places_provider", lambda: provider[0])
    assert (await garden.overview("")).links[
        "Data: created by MaxMind"
    ] == "https://www.maxmind.com"

    provider[0] = ""
    page = await garden.overview("")
    assert not [link for link in page.links if link.startswith("Data:")]
    assert "Data: a file of your own" in page.text


async def test_hours_in_a_zone_of_half_hours_begin_on_the_local_hour(tmp_path: Path) -> None:
    async with open_garden(tmp_path, zone="Asia/Kolkata") as garden:
        for moment in every("2025-12-31T18:29", timedelta(minutes=1), 2):  # 23:59 and 00:00
            garden.event(moment, visitor_id=BERT)
        garden.event("2025-12-31T19:30", visitor_id=CLEO)  # 01:00
        page = await garden.overview("?period=today&by=hour")
        [table] = [rows for name, rows in page.tables.items() if name.startswith("From / ")]

        assert [row[:2] for row in table[:3]] == [["00:00", "1"], ["01:00", "1"], ["02:00", "0"]]
