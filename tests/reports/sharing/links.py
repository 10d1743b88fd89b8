"""How tests make share links, and visits for them to tell of."""

import re

import httpx2

from tests.reports.garden import Garden

PATH = "/sharing"


def secret_in(html: str) -> str:
    found = re.search(r"https://reports\.example/share/([A-Za-z0-9_-]{22})<", html)
    assert found, html
    return found[1]


async def made(garden: Garden, client: httpx2.AsyncClient, **fields: str) -> str:
    """Make a link as the owner; return its path."""
    answer = await garden.post(client, PATH, **{"name": "The board", **fields})
    assert answer.status_code == 200, answer.text
    return f"/share/{secret_in(answer.text)}"


def visits(
    garden: Garden, count: int, first: int = 0, day: str = "2025-12-31", **changes: str
) -> None:
    for number in range(first, first + count):
        visitor = f"{number:032x}"
        garden.event(f"{day}T10:00", visitor_id=visitor, visit_id=f"v{number}", **changes)
