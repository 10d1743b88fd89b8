"""Counts of the banner, without any identifier: by day, kind, page, language and version."""

import re
from typing import NamedTuple

from sqlalchemy import delete, func, select

from askfirst.clock import Clock, utc_day
from askfirst.sites import host_of
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.load_counts import LoadCounts
from askfirst.store.ledger.page_floor import PageFloor
from askfirst.store.ledger.tables import choice_counts
from askfirst.store.ledger.upsert import WaitingSums

LOADED, SIGNAL, SHOWN = "loaded", "signal", "shown"
ACCEPTED, REFUSED, WITHDRAWN = "accepted", "refused", "withdrawn"
KINDS = (LOADED, SIGNAL, SHOWN, ACCEPTED, REFUSED, WITHDRAWN)

_OPENINGS = (LOADED, SHOWN)

PATH_LENGTH = 200
_LONGEST_READ = 1000
_MASK = "*"
_REFERRER = re.compile(r"(https?://[^/?#]*)([^?#]*)")
_PERSONAL = re.compile(  # an email address, a long number, a random-looking token
    r"(?<![^/])[^/]*(?:@|%40|\+|%2[bB])[^/]*"
    r"|(?<=/)\d{5,}(?=/|$)"
    r"|(?<![0-9a-fA-F])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9a-fA-F])"
    r"|(?<![A-Za-z0-9])(?=[A-Za-z]*\d|[A-Z]+[a-z]+[A-Z]|[a-z]+[A-Z])[A-Za-z0-9]{16,}"
    r"|(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*[A-Za-z]\d+[A-Za-z])[\w-]{16,}",
    re.ASCII,
)


class ChoiceCount(NamedTuple):
    """How often a kind of event happened on a UTC day; what is not known is '' or 0."""

    day: str
    kind: str
    page: str
    language: str
    version: int
    times: int


_COLUMNS = ("day", "kind", "page", "language", "version", "count")


def read_referrer(header: str | None, own_host: str = "") -> tuple[str | None, str]:
    """Return the host of a `Referer` header and the path to count, '' if not known.

    A browser sends another host only the page's origin, which looks like the path "/", so that
    path is used only where `own_host`, the host of the request, is the page's. The query is
    dropped, and what looks personal in a path is masked: an email address, a long number, a token.
    A mask can miss something: `PageFloor` keeps paths that few people open out of the ledger.
    """
    found = _REFERRER.match(header or "")
    host = host_of(found[1]) if found else None
    if found is None or host is None:
        return None, ""
    path = found[2][:_LONGEST_READ] or "/"
    if not path.isprintable() or (path == "/" and host != own_host.lower()):
        return host, ""
    return host, _PERSONAL.sub(_MASK, path)[:PATH_LENGTH]


class ChoiceCounts:
    """Sums up counts in memory, and writes them to the ledger when `flush` is called.

    A page is counted by name from its `smallest`th load or banner of a UTC day on. What came before
    stays counted under the page '', and so do the answers given there meanwhile. `loads` are the
    loads by language, which are written, read at the start and forgotten together with these.
    """

    def __init__(self, ledger: Ledger, clock: Clock, smallest: int) -> None:
        self._ledger = ledger
        self._clock = clock
        self._sums = WaitingSums(ledger, choice_counts)
        self._day = ""
        self._floor = PageFloor(smallest)
        self.loads = LoadCounts(ledger, clock, smallest)

    async def start(self) -> None:
        """Read which pages were counted by name today before this process started."""
        self._begin_day()
        mine = choice_counts.c
        chosen = select(mine.site_id, mine.page).where(mine.day == self._day, mine.page != "")
        async with self._ledger.read() as connection:
            for site_id, page in await connection.execute(chosen.distinct()):
                self._floor.learn(site_id, page)
        await self.loads.start()

    def add(
        self, site_id: int, kind: str, page: str = "", language: str = "", version: int = 0
    ) -> None:
        """Count one; pass only languages and versions that the policy has."""
        self._begin_day()
        if kind in _OPENINGS:
            named = self._floor.open(site_id, kind, page)
        else:
            named = self._floor.named(site_id, page)
        self._sums.add(site_id, self._day, kind, named, language, version)

    def _begin_day(self) -> None:
        today = utc_day(self._clock())
        if today != self._day:
            self._day = today
            self._floor.clear()

    @property
    def waiting(self) -> int:
        """The sum of the counts that are not written yet."""
        return self._sums.total

    async def flush(self) -> None:
        """Write the sums; those that cannot be written are kept for the next time.

        Returns when the sums of a flush that is still running are durable, too.
        """
        self._begin_day()  # forgets yesterday's paths even where nobody comes
        await self._sums.flush()
        await self.loads.flush()

    async def forget(self, before_day: str) -> None:
        """Delete the counts of the days before a UTC day."""
        async with self._ledger.write() as connection:
            old = choice_counts.c.day < before_day
            await connection.execute(delete(choice_counts).where(old))
        await self.loads.forget(before_day)

    async def read(self, site_id: int, first_day: str, last_day: str) -> list[ChoiceCount]:
        """Return the counts of a site over whole UTC days, both included."""
        await self.flush()
        chosen = select(*[choice_counts.c[name] for name in _COLUMNS]).where(
            choice_counts.c.site_id == site_id, choice_counts.c.day.between(first_day, last_day)
        )
        async with self._ledger.read() as connection:
            return [ChoiceCount(*row) for row in await connection.execute(chosen)]

    async def first_day(self, site_id: int, since: str) -> str | None:
        """Return the first UTC day since `since` that has a count of a site, or None."""
        await self.flush()
        mine = choice_counts.c
        statement = select(func.min(mine.day)).where(mine.site_id == site_id, mine.day >= since)
        async with self._ledger.read() as connection:
            day: str | None = (await connection.execute(statement)).scalar_one()
        return day

    async def total(self, site_id: int, kind: str, first_day: str, last_day: str) -> int:
        """Return the sum of one kind over whole UTC days, both included."""
        await self.flush()
        mine = choice_counts.c
        sums = select(func.coalesce(func.sum(mine.count), 0)).where(
            mine.site_id == site_id, mine.kind == kind, mine.day.between(first_day, last_day)
        )
        async with self._ledger.read() as connection:
            return int((await connection.execute(sums)).scalar_one())
