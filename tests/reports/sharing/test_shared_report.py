"""A share link opens one report without an account, and nothing beside it."""

from typing import Any

import pytest

from reports.charts import images
from reports.formatting.dates import NOTHING
from reports.sharing.shared_report import A_MINUTE, GUESSES, METRICS
from tests.reports.garden import EMAIL, Garden
from tests.reports.reading import Reading
from tests.reports.sharing.links import PATH, made, visits


async def test_a_stranger_reads_the_report_of_the_link_and_no_small_number(garden: Garden) -> None:
    visits(garden, 23, path="/a", country="DE")
    visits(garden, 9, 23, path="/few", country="FR")
    garden.store()
    owner = await garden.signed_in()
    path = await made(garden, owner)
    answer = await garden.client(garden.app()).get(path)
    page = Reading(answer.text)

    assert answer.status_code == 200
    assert page.figures["Visitors"] == ["30"]
    assert page.tables["Pages"] == [["/a", "20", "20"]]
    assert page.tables["Countries"] == [["Germany", "20"]]
    assert "/few" not in answer.text
    assert "France" not in answer.text
    assert f"/sites/{garden.site.key}" not in answer.text
    assert EMAIL not in answer.text
    assert await garden.acts() == [("share_link_made", EMAIL, garden.site.key)]


async def test_the_list_of_links_is_called_what_the_overview_calls_it(garden: Garden) -> None:
    visits(garden, 23, kind="link_click", link_url="https://a.example/")
    garden.store()
    owner = await garden.signed_in()
    own = Reading((await owner.get(f"/sites/{garden.site.key}")).text)
    path = await made(garden, owner)
    shared = Reading((await garden.client(garden.app()).get(path)).text)

    assert "Links" in own.tables
    assert "Links" in shared.tables
    assert "Clicks" not in shared.tables


async def test_a_single_visitor_with_many_visits_shows_none_of_its_numbers(
    garden: Garden,
) -> None:
    for visit in range(12):
        for minute in range(3):
            garden.event(f"2025-12-31T10:{minute:02d}", visit_id=f"v{visit}", path=f"/{minute}")
    garden.store()
    path = await made(garden, await garden.signed_in())
    stranger = garden.client(garden.app())

    for metric in METRICS:
        page = Reading((await stranger.get(f"{path}?metric={metric}")).text)
        told = {text for texts in page.figures.values() for text in texts}
        [chart] = page.tables.values()
        assert told == {"<10", NOTHING}
        assert {text for row in chart for text in row[1:]} <= {"<10", NOTHING}


async def test_the_chart_of_visits_hides_days_of_fewer_than_ten_visitors(garden: Garden) -> None:
    visits(garden, 23)
    for visit in range(12):
        garden.event("2025-12-30T10:00", visit_id=f"w{visit}")
    garden.store()
    path = await made(garden, await garden.signed_in())
    answer = await garden.client(garden.app()).get(f"{path}?metric=visits&period=30d&by=day")
    page = Reading(answer.text)
    [chart] = [rows for rows in page.tables.values() if len(rows) == 30]

    assert {row[1] for row in chart} == {"<10", "20"}


async def test_it_is_found_and_framed_by_nobody_and_tells_its_address_to_nobody(
    garden: Garden,
) -> None:
    owner = await garden.signed_in()
    stranger = garden.client(garden.app())
    alone = (await stranger.get(await made(garden, owner))).headers
    framed = (
        await stranger.get(await made(garden, owner, embedded_in="Example.org\n*.example.net"))
    ).headers

    assert alone["content-security-policy"].endswith("frame-ancestors 'none'")
    assert framed["content-security-policy"].endswith("frame-ancestors example.org *.example.net")
    for headers in (alone, framed):
        assert headers["x-robots-tag"] == "noindex, nofollow"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "set-cookie" not in headers


async def test_a_stranger_reads_days_as_the_browsers_language_has_them(garden: Garden) -> None:
    path = await made(garden, await garden.signed_in())
    stranger = garden.client(garden.app())
    german = await stranger.get(path, headers={"Accept-Language": "de-CH, en;q=0.5"})
    rare = await stranger.get(path, headers={"Accept-Language": "yav"})

    assert "31. Dez. 2025" in german.text
    assert "Accept-Language" in german.headers["vary"]
    assert rare.text == (await stranger.get(path)).text


async def test_one_visit_more_today_changes_nothing_that_is_shown(garden: Garden) -> None:
    """At 14 visitors one more would show 20 for 10, and two looks which page it was that read."""
    visits(garden, 14, path="/a")
    visits(garden, 9, 100, day="2026-01-01", path="/a")
    garden.store()
    path = await made(garden, await garden.signed_in())
    stranger = garden.client(garden.app())
    queries = ("", "?period=7d", "?period=month", "?period=12m", "?show=pages")
    looks = [(await stranger.get(path + query)).text for query in queries]
    visits(garden, 1, 200, day="2026-01-01", path="/a")
    garden.store()

    assert [(await stranger.get(path + query)).text for query in queries] == looks
    assert Reading(looks[0]).figures["Visitors"] == ["10"]
    assert "1 Dec 2025" in looks[2]
    garden.clock.now += 24 * 3_600_000
    tomorrow = Reading((await stranger.get(path)).text)
    assert tomorrow.figures["Visitors"] == ["20"]


NOT_OFFERED = (
    "where=country,is,DE",
    "on=events",
    "period=today",
    "period=custom&from=2026-01-01&to=2026-01-02",
    "period=all",
    "period=7d&by=hour",
    "metric=secrets",
)


async def test_what_could_tell_small_counts_apart_is_not_offered(garden: Garden) -> None:
    path = await made(garden, await garden.signed_in())
    stranger = garden.client(garden.app())
    statuses = [(await stranger.get(f"{path}?{query}")).status_code for query in NOT_OFFERED]
    assert statuses == [400] * len(NOT_OFFERED)


async def test_whole_lists_open_and_other_pages_do_not(garden: Garden) -> None:
    visits(garden, 12, path="/a")
    garden.store()
    path = await made(garden, await garden.signed_in())
    stranger = garden.client(garden.app())
    report = Reading((await stranger.get(path)).text)
    whole = Reading((await stranger.get(report.links["All pages"])).text)

    assert whole.tables["Pages"] == [["/a", "10", "10"]]
    assert (await stranger.get(f"{path}?show=visitors")).status_code == 404
    for beneath in ("/visitors", "/choices", "/filter", ""):
        answer = await stranger.get(f"/sites/{garden.site.key}{beneath}")
        assert answer.headers["location"].startswith("/sign-in")
    assert (await stranger.get(f"{path}/visitors")).status_code == 404


async def test_a_link_of_a_segment_keeps_its_conditions_when_the_segment_changes_or_goes(
    garden: Garden,
) -> None:
    visits(garden, 20, country="DE")
    visits(garden, 40, 20, country="FR")
    garden.store()
    owner = await garden.signed_in()
    await garden.post(owner, "/segments/keep?where=country,is,DE", name="Ours")
    path = await made(garden, owner, segment="1")
    await garden.post(owner, "/segments/keep?where=country,is,FR", replaces="1", name="Ours")
    changed = (await owner.get(f"/sites/{garden.site.key}{PATH}")).text
    await garden.post(owner, "/segments/delete", id="1")
    gone = (await owner.get(f"/sites/{garden.site.key}{PATH}")).text
    page = Reading((await garden.client(garden.app()).get(path)).text)

    assert page.figures["Visitors"] == ["20"]
    assert "Ours: Country is Germany" in page.text
    assert "The segment was changed since" in changed
    assert "The segment was deleted since" in gone


async def test_guesses_are_limited_by_address_and_do_not_keep_a_reader_out(garden: Garden) -> None:
    app = garden.app()
    path = await made(garden, await garden.signed_in(app))
    stranger = garden.client(app, peer="192.0.2.7")
    guesses = [await stranger.get(f"/share/{n:022d}") for n in range(GUESSES + 1)]
    again = await stranger.get(path)
    for _ in range(A_MINUTE - GUESSES - 2):
        await stranger.get("/share/no")
    last = await stranger.get(path)

    assert [one.status_code for one in guesses] == [*[404] * GUESSES, 429]
    assert again.status_code == 200
    assert last.status_code == 429
    assert 0 < int(last.headers["retry-after"]) <= 60
    assert (await garden.client(app, peer="192.0.2.8").get(path)).status_code == 200


async def test_files_of_a_link_have_the_rounded_numbers_of_its_page_and_no_others(
    garden: Garden, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[dict[str, Any]] = []
    monkeypatch.setattr(images, "convert", lambda asked: drawn.append(asked) or b"<svg/>")
    visits(garden, 23, path="/a", country="DE")
    visits(garden, 9, 23, path="/few", country="FR")
    garden.store()
    path = await made(garden, await garden.signed_in(), files="yes")
    stranger = garden.client(garden.app())
    page = Reading((await stranger.get(f"{path}?show=pages&period=30d")).text)
    rows = (await stranger.get(page.links["CSV"])).content.decode("utf-8-sig").splitlines()
    whole = await stranger.get(f"{path}/files/countries.json?period=30d")
    report = Reading((await stranger.get(path)).text)
    chart = await stranger.get(report.links["SVG"])

    assert rows == ['"name","views","visitors"', '"/a","20","20"']
    assert whole.json()["rows"] == [{"name": "DE", "visitors": 20}]
    assert whole.headers["x-robots-tag"] == "noindex, nofollow"
    assert chart.status_code == 200
    values = {
        one["value"]
        for layer in drawn[0]["spec"]["layer"]
        for one in layer["data"]["values"]
        if "value" in one
    }
    assert values <= {0, 30, None}
    for text in (whole.text, str(whole.headers), str(chart.headers), str(drawn)):
        assert garden.site.key not in text
        assert "/few" not in text
    for wrong in ("files/visitors.csv", "files/pages.exe", "chart.exe", "files/pages.csv?where=x"):
        assert (await stranger.get(f"{path}/{wrong}")).status_code in (400, 404)


async def test_a_link_offers_files_only_where_its_maker_says_so_and_as_long_as_it_opens(
    garden: Garden,
) -> None:
    visits(garden, 23, path="/a")
    garden.store()
    owner, stranger = await garden.signed_in(), garden.client(garden.app())
    plain = await made(garden, owner)
    locked = await made(garden, owner, files="yes", password_new="quite a long secret")
    for path in (plain, f"{plain}?show=pages"):
        assert "As a file" not in (await stranger.get(path)).text
        assert "as file" not in (await stranger.get(path)).text
    for file in ("files/pages.csv", "chart.svg"):
        assert (await stranger.get(f"{plain}/{file}")).status_code == 404
        answer = await stranger.get(f"{locked}/{file}")
        assert (answer.status_code, answer.headers["location"]) == (303, locked)
    await garden.post(owner, f"{PATH}/revoke", id="2")
    assert (await stranger.get(f"{locked}/files/pages.csv")).status_code == 410
