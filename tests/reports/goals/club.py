"""A club that visitors join: their visits, its goals and funnels, and how to read the pages."""

from askfirst.store.ledger.goals import Deed, Funnel, Goal, GoalBook, Plans, Step
from tests.reports.garden import ANNA, BERT, CLEO, Garden
from tests.reports.reading import Reading

WEEK = "?period=7d"
NONE = "\N{EN DASH}"
PAGES = tuple(Step(deed=Deed("page", path)) for path in ("/", "/join", "/thanks"))


def some_visits(garden: Garden) -> None:
    """Store four visitors: Anna joins twice, Bert once, Cleo clicks on a list; one only looks."""
    for minute, who, path in (
        (0, ANNA, "/"),
        (1, ANNA, "/join"),
        (2, ANNA, "/join/fees"),
        (3, BERT, "/join"),
        (4, CLEO, "/"),
        (5, "d" * 32, "/"),
    ):
        country = "DE" if who in (ANNA, CLEO) else "FR"
        garden.event(
            f"2026-01-01T10:0{minute}", visitor_id=who, visit_id=who, path=path, country=country
        )
    click = {"kind": "link_click", "link_url": "https://example.org/a.pdf"}
    garden.event(
        "2026-01-01T10:07",
        visitor_id=CLEO,
        visit_id=CLEO,
        link_kind="download",
        country="DE",
        **click,
    )
    paid = {"kind": "custom_event", "event_name": "donate", "amount": 19_990, "currency": "EUR"}
    garden.event("2026-01-01T10:08", visitor_id=BERT, visit_id=BERT, country="FR", **paid)
    garden.store()


async def some_walks(garden: Garden) -> None:
    """Store four walks: Anna goes all the way, Bert to /join, Cleo only to /; one begins midway."""
    for minute, who, path in (
        ("10:00", ANNA, "/"),
        ("10:02", ANNA, "/join"),
        ("10:10", ANNA, "/thanks"),
        ("10:01", BERT, "/"),
        ("10:05", BERT, "/join"),
        ("10:01", CLEO, "/"),
        ("10:01", "d" * 32, "/join"),
    ):
        country = "DE" if who in (ANNA, CLEO) else "FR"
        garden.event(
            f"2026-01-01T{minute}", visitor_id=who, visit_id=who, path=path, country=country
        )
    garden.store()
    for who in (ANNA, BERT, CLEO):
        await garden.consent(who)


async def add_goal(garden: Garden, **changes: object) -> int:
    """Save a goal of the site; return its number."""
    goal = Goal(**{"id": 0, "name": "Joined", "deed": Deed("page", "/join*"), **changes})  # type: ignore[arg-type]
    book = GoalBook(garden.deps.ledger, garden.clock)
    async with garden.deps.ledger.write() as connection:
        number = await book.save_goal(connection, garden.site.id, goal)
    assert number
    return number


async def add_funnel(garden: Garden, steps: tuple[Step, ...] = PAGES, within_ms: int = 0) -> int:
    """Save a funnel of the site; return its number."""
    book = GoalBook(garden.deps.ledger, garden.clock)
    async with garden.deps.ledger.write() as connection:
        funnel = Funnel(0, "Joining", steps, within_ms)
        number = await book.save_funnel(connection, garden.site.id, funnel)
    assert number
    return number


async def plans(garden: Garden) -> Plans:
    """Return the goals and funnels of the site."""
    return await GoalBook(garden.deps.ledger, garden.clock).of(garden.site.id)


async def read(garden: Garden, path: str) -> Reading:
    """Read a page of the site; fails unless it is there."""
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}{path}")
    assert answer.status_code == 200, answer.text
    return Reading(answer.text)


async def read_text(garden: Garden, path: str) -> str:
    """Read the words of a page of the site, with one space between them."""
    return " ".join((await read(garden, path)).text.split())
