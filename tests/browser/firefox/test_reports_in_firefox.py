"""The reports in a real Firefox, from left to right and from right to left."""

from sqlalchemy import insert

from askfirst.store.ledger.tables import staff
from server.demo.generated_visits import VisitGenerator
from server.demo.goals import add_goals
from tests.browser.crowding import CROWDED
from tests.browser.firefox.driver import Firefox, Tab
from tests.browser.stage import Stage
from tests.reports.garden import EMAIL, HASH, PASSWORD

PAGES = (
    *("", "?show=pages", "/visitors", "/goals", "/goals/funnels", "/paths", "/return"),
    *("/coverage", "/compare", "/settings"),
)
SIZES = ((1280, 900), (360, 740))


async def test_no_report_is_too_wide_and_no_text_lies_over_another_in_either_direction(
    firefox: Firefox, stage: Stage
) -> None:
    site = await stage.site()
    async for _ in VisitGenerator(stage.services, site, 20).days():
        pass
    await stage.rows(site)
    await add_goals(stage.services, site)
    owner = {"email": EMAIL, "password_hash": HASH, "created_at": 0, "language": "fa"}
    async with stage.services.ledger.write() as connection:
        await connection.execute(insert(staff), [owner])
    tab = await _signed_in(firefox, stage)
    faults = {}
    for page in PAGES:
        query = "&" if "?" in page else "?"
        await tab.goto(f"{stage.base}/sites/{site.key}{page}{query}period=90d")
        for width, height in SIZES:
            viewport = {"width": width, "height": height}
            await firefox.call(
                "browsingContext.setViewport", context=tab.context, viewport=viewport
            )
            for direction in ("ltr", "rtl"):
                await tab.run(f"(document.documentElement.dir = '{direction}')")
                faults[page, width, direction] = await tab.run(f"({CROWDED})()")

    assert {where: found for where, found in faults.items() if found} == {}


async def _signed_in(firefox: Firefox, stage: Stage) -> Tab:
    tab = await firefox.tab(await firefox.profile(), f"{stage.base}/sign-in")
    typed = f"""(document.querySelector('#email').value = '{EMAIL}',
      document.querySelector('#password').value = '{PASSWORD}',
      document.querySelector('main button[type=submit]').click(), true)"""
    await tab.run(typed)
    await tab.until("!location.pathname.startsWith('/sign-in')")
    return tab
