"""Which pages are counted by name on a day: only those that are opened often enough."""

from collections import Counter, defaultdict

MOST_PAGES = 500
"""Pages that are counted by name for one site and day; others are counted without their path."""

MOST_WATCHED = 5000
"""Paths of one site and day that are kept in memory until they are opened often enough."""


class PageFloor:
    """Keeps paths in memory only, until they are opened `smallest` times on one day.

    A path that one person opens (`/reset/TOKEN`) would be an identifier, so it is never written.
    Each kind of opening is counted by itself: one visit that loads the tag and sees the banner is
    not two openings.
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
        """Add a page that was counted by name today before this process started."""
        self._named[site_id].add(page)

    def open(self, site_id: int, kind: str, page: str) -> str:
        """Count one opening of a page; return its path where it may be stored, or else ''."""
        named = self._named[site_id]
        if page and page not in named and self._is_enough(site_id, kind, page):
            named.add(page)
        return self.named(site_id, page)

    def named(self, site_id: int, page: str) -> str:
        """Return a page's path where it may be stored, or else ''."""
        return page if page in self._named[site_id] else ""

    def _is_enough(self, site_id: int, kind: str, page: str) -> bool:
        watched, key = self._watched[site_id], (kind, page)
        if len(self._named[site_id]) >= MOST_PAGES:
            return False
        if key in watched or len(watched) < MOST_WATCHED:
            watched[key] += 1
        return watched.get(key, 0) >= self._smallest
