"""Made-up visits for the demo, on the way that real ones take: consent, journal, shipping."""

import base64
import math
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from askfirst.clock import DAY_MS, as_datetime
from askfirst.consents import Claims
from askfirst.events import PURPOSE, EventKind, JournalEntry, LinkKind
from askfirst.sites import Site
from collector.enrich import shown_ip
from consent.proof import Answer, give_many
from consent.wording import wording
from server import demo_crowd as crowd
from server.demo_site import DOWNLOAD, OUTSIDE
from server.house import House

DAYS = 90
_LANGUAGE = "en"
_AT_ONCE = 5000
_CONSENT_BEFORE_MS = 2000
_VISIT_MOST_MS = 1_800_000  # the last visits begin this long ago, so that they are over by now


@dataclass(frozen=True)
class _Person:
    claims: Claims
    ip: str
    country: str
    user_agent: str
    accept_language: str


@dataclass(frozen=True)
class _Step:
    kind: EventKind
    happened_at: int
    path: str
    referrer: str
    link_url: str = ""
    link_kind: LinkKind | str = ""


class Filling:
    """Fills a site with visits over the last 90 days, and with those who said no.

    `origin` is where the site's pages live, e.g. `http://127.0.0.1:8001`.
    """

    def __init__(self, house: House, site: Site, visits: int, origin: str = "") -> None:
        self._house = house
        self._site = site
        self._visits = visits
        self._random = random.Random(house.clock())  # noqa: S311 - made-up visits, nothing secret
        self._people: list[_Person] = []
        self._addresses = self._some_addresses(400)
        self._origin = origin or f"http://{site.hosts[0]}"

    async def days(self) -> AsyncIterator[int]:
        """Fill day by day and give the number of visits that lie in the warehouse so far."""
        now = self._house.clock() - _VISIT_MOST_MS
        weights = [self._weight(day, now) for day in range(DAYS)]
        done = 0
        for day in range(DAYS):
            upto = round(self._visits * sum(weights[: day + 1]) / sum(weights))
            await self._fill_day(now - (DAYS - day) * DAY_MS, upto - done)
            done = upto
            yield done

    def _weight(self, day: int, now: int) -> float:
        date = as_datetime(now) - timedelta(days=DAYS - day)
        return (0.7 if date.weekday() >= 5 else 1.0) * (1 + day / DAYS) * (1 + 0.2 * math.sin(day))

    async def _fill_day(self, start: int, visits: int) -> None:
        starts = sorted(start + self._moment() for _ in range(visits))
        known = [self._returning(time) for time in starts]
        fresh = [time for time, person in zip(starts, known, strict=True) if person is None]
        people = iter(await self._new_people(fresh))
        entries = [
            entry
            for time, person in zip(starts, known, strict=True)
            for entry in self._visit(person or next(people), time)
        ]
        entries.sort(key=lambda entry: entry.happened_at)
        self._count_the_others(len(fresh))
        await self._send(entries)

    def _count_the_others(self, accepted: int) -> None:
        """Count made-up answers; tallies have the present day only, as real ones do."""
        self._house.tallies.add(self._site.id, "accepted", accepted)
        for reason, share in crowd.OTHERS.items():
            self._house.tallies.add(self._site.id, reason, round(accepted * share))

    async def _send(self, entries: Sequence[JournalEntry]) -> None:
        now = self._house.clock()
        for first in range(0, len(entries), _AT_ONCE):
            await self._house.journal.append(entries[first : first + _AT_ONCE], now)
        await self._house.shipper.ship_all()

    def _moment(self) -> int:
        """Give when a visit starts, in milliseconds after the running day began; by UTC hours."""
        hour = self._random.choices(range(24), crowd.HOURS)[0]
        moment = hour * 3_600_000 + self._random.randrange(3_600_000)
        return (moment - (self._house.clock() - _VISIT_MOST_MS)) % DAY_MS

    def _returning(self, time: int) -> _Person | None:
        if not self._people or self._random.random() > crowd.RETURNING:
            return None
        person = self._random.choice(self._people[-5000:])
        return person if time + _VISIT_MOST_MS * 4 < person.claims.valid_until else None

    async def _new_people(self, visit_starts: Sequence[int]) -> list[_Person]:
        if not visit_starts:
            return []
        times = [start - _CONSENT_BEFORE_MS for start in visit_starts]
        given = await give_many(self._house.ledger, await self._answer(), times)
        people = [self._person(one.claims) for one in given]
        self._people.extend(people)
        return people

    def _person(self, claims: Claims) -> _Person:
        address = self._random.choice(self._addresses)
        return _Person(
            claims=claims,
            ip=shown_ip(address, self._site.ip_mode),
            country=self._house.places.country(address),
            user_agent=self._one_of(crowd.AGENTS),
            accept_language=self._one_of(crowd.LANGUAGES),
        )

    async def _answer(self) -> Answer:
        policy = self._house.book.policy(self._site)
        shown = await wording(self._house.book, policy, self._site, _LANGUAGE)
        return Answer(
            site_id=self._site.id,
            policy_version=policy.version,
            notice_hash=shown["hash"],
            purposes=(PURPOSE,),
            language=_LANGUAGE,
            method="banner",
            gpc=False,
            choice_days=self._house.settings.choice_days,
        )

    def _one_of(self, weighted: Sequence[tuple[str, int]]) -> str:
        return self._random.choices([w[0] for w in weighted], [w[1] for w in weighted])[0]

    def _some_addresses(self, count: int) -> list[str]:
        found: list[str] = []
        for _ in range(count * 40):
            ip = ".".join(str(self._random.randrange(1, 224)) for _ in range(4))
            likely = crowd.COUNTRIES.get(self._house.places.country(ip), 0.0)
            if self._random.random() < likely:
                found.append(ip)
            if len(found) == count:
                break
        return found or ["192.0.2.1"]

    def _visit(self, person: _Person, start: int) -> Iterator[JournalEntry]:
        now = self._house.clock()
        steps = (step for step in self._steps(start) if step.happened_at <= now)
        return (self._entry(person, step) for step in steps)

    def _steps(self, start: int) -> Iterator[_Step]:
        views = self._random.choices(*zip(*crowd.VIEWS, strict=True))[0]
        path = self._random.choices(crowd.PAGES, crowd.FIRST_WEIGHTS)[0]
        time, referrer = start, self._one_of(crowd.SOURCES)
        for number in range(views):
            yield _Step("page_view", time, path, referrer)
            time += int(self._random.lognormvariate(10, 0.9))
            nearby = [page for page in crowd.PAGES if page != path]
            following = self._random.choice(nearby)
            if number + 1 < views:
                link = self._origin + following
                yield _Step("link_click", time, path, referrer, link, "internal")
            referrer, path, time = self._origin + path, following, time + 300
        yield from self._leaving(time, path, referrer)

    def _leaving(self, time: int, path: str, referrer: str) -> Iterator[_Step]:
        chance = self._random.random()
        if chance < 0.12:
            outside = self._random.choice(OUTSIDE)
            yield _Step("link_click", time, path, referrer, outside, "outbound")
        elif chance < 0.17:
            link = self._origin + DOWNLOAD
            yield _Step("link_click", time, path, referrer, link, "download")

    def _entry(self, person: _Person, step: _Step) -> JournalEntry:
        claims = person.claims
        return JournalEntry(
            event_id=base64.urlsafe_b64encode(self._random.randbytes(16)).decode().rstrip("="),
            site_id=claims.site_id,
            visitor_id=claims.visitor_id,
            consent_id=claims.consent_id,
            policy_version=claims.policy_version,
            kind=step.kind,
            happened_at=step.happened_at,
            url=self._origin + step.path,
            referrer=step.referrer,
            link_url=step.link_url,
            link_kind=step.link_kind,
            ip=person.ip,
            user_agent=person.user_agent,
            accept_language=person.accept_language,
            country=person.country,
        )
