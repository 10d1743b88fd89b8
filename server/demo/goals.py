"""The goals and funnels of the demo's site: what a small library wants its visitors to do."""

from askfirst.sites import Site
from askfirst.store.ledger.goals import Deed, Funnel, Goal, GoalBook, Step
from server.demo.website import DOWNLOAD
from server.services import Services

_DAY_MS = 86_400_000
GOALS = (
    Goal(0, "Booked a place", Deed("form", "booking")),
    Goal(0, "Gave money", Deed("event", "donate"), "event"),
    Goal(0, "Reserved a book", Deed("event", "reserve"), "fixed", 2_500, "GBP"),
    Goal(0, "Subscribed to the newsletter", Deed("form", "newsletter")),
    Goal(0, "Took the reading list", Deed("download", f"{DOWNLOAD.rpartition('/')[0]}/*")),
    Goal(0, "Read the opening hours", Deed("page", "/opening-hours")),
)
FUNNELS: dict[str, tuple[int, tuple[Deed | str, ...]]] = {
    "Reserving a book": (
        7 * _DAY_MS,
        (
            Deed("page", "/"),
            Deed("page", "/catalogue*"),
            "Reserved a book",
            Deed("page", "/support"),
        ),
    ),
    "From an article to a gift": (
        30 * _DAY_MS,
        (Deed("page", "/articles/*"), Deed("page", "/support"), "Gave money"),
    ),
}
"""Each funnel's time and steps: a deed, or a goal by its name."""


async def add_goals(services: Services, site: Site) -> None:
    """Add the goals and funnels, unless the site has some."""
    book = GoalBook(services.ledger, services.clock)
    if (await book.of(site.id)).goals:
        return
    async with services.ledger.write() as connection:
        numbers = {one.name: await book.save_goal(connection, site.id, one) for one in GOALS}
        for name, (within, steps) in FUNNELS.items():
            found = tuple(
                Step(goal=numbers[one] or 0) if isinstance(one, str) else Step(deed=one)
                for one in steps
            )
            await book.save_funnel(connection, site.id, Funnel(0, name, found, within))
