"""Acts after which stored events stand otherwise, each done to one visitor of a world."""

from collections.abc import Awaitable, Callable
from typing import Any

from askfirst.rules.report_rules import NO_RULES, ReportRules
from askfirst.store.ledger.rules.report_rules import RulesOfSites
from consent.rights.corrected_events import Asked
from consent.rights.parts import OneVisit, TimeSpan, time_of
from server.maintenance.report_rules import follow_rules
from tests.factories import a_view
from tests.world import Browser, World

AHEAD = {"Sec-Purpose": "prefetch"}
"""What a browser sends with pages that it loads ahead of a click: a recording rule fits them."""
Act = Callable[[World, Browser], Awaitable[Any]]


async def viewed(world: World, browser: Browser, *paths: str, **headers: str) -> None:
    """Send page views a minute apart, and ship them."""
    for path in paths:
        view = a_view(url=f"https://example.org{path}")
        answer = await browser.send(view, **{"Accept-Language": "en", **headers})
        assert answer.status_code == 202
        world.clock.move(minutes=1)
    await world.services.shipper.ship_all()


async def newcomer(world: World, *paths: str, **headers: str) -> Browser:
    browser = world.browser()
    await browser.accept()
    await viewed(world, browser, *paths, **headers)
    return browser


def whose(world: World, browser: Browser) -> tuple[int, str]:
    return world.site.id, world.services.tokens.read(browser.token).visitor_id


async def rows_of(world: World, browser: Browser) -> list[dict[str, Any]]:
    """Return the rows of a visitor, oldest first."""
    mine = whose(world, browser)[1]
    return sorted((row for row in await world.rows() if row["visitor_id"] == mine), key=time_of)


async def corrected(world: World, browser: Browser, asked: Asked) -> None:
    await world.services.corrections.correct(*whose(world, browser), asked, world.clock)
    await follow_rules(world.services)


async def language_corrected(world: World, browser: Browser) -> None:
    await corrected(world, browser, Asked("language", "de"))


async def page_hidden(world: World, browser: Browser) -> None:
    rows = await rows_of(world, browser)
    page = next((row for row in rows if row["path"] == "/a"), None)
    if page:
        await corrected(world, browser, Asked("page", event_id=page["event_id"]))


async def restricted(world: World, browser: Browser) -> None:
    await world.services.restrictions.restrict(*whose(world, browser))
    await follow_rules(world.services)


async def lifted(world: World, browser: Browser) -> None:
    await world.services.restrictions.lift(*whose(world, browser))
    await follow_rules(world.services)


async def ruled(world: World, rules: ReportRules) -> None:
    services = world.services
    site = services.book.by_id(world.site.id)
    await RulesOfSites(services.ledger, services.book).save(site, rules, world.clock())
    await follow_rules(services)


async def paths_left_out(world: World, _browser: Browser) -> None:
    await ruled(world, ReportRules(exclude_paths=("/b", "/c")))


async def everything_counted(world: World, _browser: Browser) -> None:
    await ruled(world, NO_RULES)


async def read_again(world: World, _browser: Browser) -> None:
    await world.services.shipper.forget_visits()


async def earlier_visit(world: World, browser: Browser) -> dict[str, Any] | None:
    rows = await rows_of(world, browser)
    return next((row for row in rows if row["path"] == "/earlier"), None)


async def earlier_visit_erased(world: World, browser: Browser) -> None:
    if row := await earlier_visit(world, browser):
        part = OneVisit(row["visit_id"])
        await world.services.eraser.erase_part(*whose(world, browser), part)


async def beginning_erased(world: World, browser: Browser) -> None:
    first = time_of((await rows_of(world, browser))[0])
    await world.services.eraser.erase_part(*whose(world, browser), TimeSpan(first, first + 1))


ACTS: dict[str, Act] = {
    act.__name__: act
    for act in (
        language_corrected,
        page_hidden,
        restricted,
        lifted,
        paths_left_out,
        read_again,
        earlier_visit_erased,
        beginning_erased,
    )
}
