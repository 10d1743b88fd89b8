"""Which pages may be named in the counts of a day: only those that were opened often enough."""

from collections import Counter, defaultdict

MOST_PAGES = 500
"""Named pages of one site and day; further ones are counted without their path."""

MOST_WATCHED = 5000
"""Paths of one site and day that are kept in memory, until enough is counted to name them."""


class PageFloor:
    """Holds paths back, in memory alone, until they were opened `smallest` times on one day.

    A path that one person opens (`/reset/TOKEN`) would be an identifier, so it is never written.
    A kind of opening is counted by itself: one visit that loads and asks is not two openings.
    """

    def __init__(self, smallest: int) -> None:
        self._smallest = smallest
        self._named: defaultdict[int, set[str]] = defaultdict(set)
        self._watched: defaultdict[int, Counter[tuple[str, str]]] = defaultdict(Counter)

    def clear(self) -> None:
        """Begin a new day."""
        self._named.clear()
        self._watched.clear()

    def learn(self, site_id: int, page: str) -> None:
        """Take a page as named that was written today before this process began."""
        self._named[site_id].add(page)

    def open(self, site_id: int, kind: str, page: str) -> str:
        """Note one opening of a page; give its path where it may be written, else ''."""
        named = self._named[site_id]
        if page and page not in named and self._is_enough(site_id, kind, page):
            named.add(page)
        return self.named(site_id, page)

    def named(self, site_id: int, page: str) -> str:
        """Return a page's path where it may be written, else ''."""
        return page if page in self._named[site_id] else ""

    def _is_enough(self, site_id: int, kind: str, page: str) -> bool:
        watched, key = self._watched[site_id], (kind, page)
        if len(self._named[site_id]) >= MOST_PAGES:
            return False
        if key in watched or len(watched) < MOST_WATCHED:
            watched[key] += 1
        return watched.get(key, 0) >= self._smallest
