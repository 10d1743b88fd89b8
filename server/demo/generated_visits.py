"""Generated visits of the demo, stored as real ones are: consent, journal, shipping."""

import asyncio
import itertools
import math
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from askfirst.clock import DAY_MS, as_datetime
from askfirst.consents import Claims
from askfirst.events import JournalEntry
from askfirst.sites import Site
from askfirst.web.browser_signals import fetches_ahead
from collector.enrichment.enrich import is_left_out
from collector.intake.column_filter import column_filter_of
from collector.intake.entries import entry_of
from consent.policy.drafts import WITHDRAWN_DAYS
from consent.proof.records import claims_of
from server.demo import crowd
from server.demo.browsers import VISITS_BY_PROGRAMS
from server.demo.crowd import Odds, Source
from server.demo.senders import Sender, Senders
from server.demo.story import BannerHistory, Yes
from server.demo.visits import Step, Visits
from server.services import Services

DAYS = 90
FIRST_WORDS_DAYS = 72
"""For how many of these days the first version of the demo's wording was in force."""
_AT_ONCE = 5000
_TO_SHIP = 10_000  # events; each shipping costs a transaction of the warehouse
_CONSENT_BEFORE_MS = 2000
_EARLIEST_MS = 5000  # after the full hour, so that a yes and its first view are on one day
_VISIT_MOST_MS = 1_800_000  # how long ago the last visits begin, so that they are over by now


def began(now: int) -> int:
    """Return when the demo's site was created (ms): its wording is older than every visit."""
    return now - _VISIT_MOST_MS - (DAYS + 1) * DAY_MS


@dataclass(frozen=True)
class _Person:
    sender: Sender
    claims: Claims
    until: int  # nothing is recorded from this millisecond on


class VisitGenerator:
    """Generates the visits of a site over the last 90 days, and the refusals.

    `origin` is where the site's pages live, e.g. `http://127.0.0.1:8001`.
    """

    def __init__(self, services: Services, site: Site, visits: int, origin: str = "") -> None:
        self._services = services
        self._site = site
        self._number = visits
        self._now = services.clock()
        self._last_start = self._now - _VISIT_MOST_MS
        self._random = random.Random(self._now)  # noqa: S311 - made-up visits, nothing secret
        self._history = BannerHistory(services, site)
        self._origin = origin or f"http://{site.hosts[0]}"
        self._visits = Visits(self._random, self._origin, self._now)
        self._senders = Senders(services.places, site, self._random, self._now)
        self._people: list[_Person] = []
        self._waiting: list[JournalEntry] = []
        self._shipping: asyncio.Task[None] | None = None
        self._crawlers = itertools.cycle(crowd.CRAWLERS)
        self._unseen = 0.0  # page loads without consent that are still to be generated
        self._due: dict[str, float] = {}  # fractions of refused events that are still to be counted

    async def days(self) -> AsyncIterator[int]:
        """Generate day by day, and yield the number of visits so far."""
        await self._history.start()
        weights = [self._weight(day) for day in range(DAYS)]
        done = 0
        try:
            for day in range(DAYS):
                upto = round(self._number * sum(weights[: day + 1]) / sum(weights))
                await self._fill_day(self._last_start - (DAYS - day) * DAY_MS, upto - done)
                done = upto
                yield done
            await self._send()
        finally:
            await self._shipped()
        await self._history.record([], self._now + 1)
        self._history.play(self._now + 1)
        await self._history.flush()
        await self._services.withdrawn.refresh()

    def _weight(self, day: int) -> float:
        date = as_datetime(self._last_start) - timedelta(days=DAYS - day)
        return (0.7 if date.weekday() >= 5 else 1.0) * (1 + day / DAYS) * (1 + 0.2 * math.sin(day))

    async def _fill_day(self, start: int, number: int) -> None:
        known = [(time, self._returning(time)) for time in self._starts(start, number)]
        visits = [(who, self._visits.steps(time, who.sender.browser)) for time, who in known if who]
        strangers = [self._senders.person() for _, who in known if not who]
        first = [time for time, who in known if not who]
        came = list(zip(strangers, first, strict=True)) + self._left_out(start, number)
        fresh = [(one, self._first_steps(one, time)) for one, time in came]
        people = await self._new_people(fresh, start + DAY_MS)
        self._people.extend(people[: len(strangers)])
        visits += zip(people, (steps for _, steps in fresh), strict=True)
        seen = sum(self._record(person, steps) for person, steps in visits)
        self._count_the_others(start, seen, len(first))
        self._history.play(start + DAY_MS)
        if len(self._waiting) >= _TO_SHIP:
            await self._send()

    def _first_steps(self, sender: Sender, time: int) -> list[Step]:
        """Generate the first visit of a browser; of referrer spam there is no more than a view."""
        if not sender.referrer:
            return self._visits.steps(time, sender.browser)
        return self._visits.steps(time, sender.browser, Source(sender.referrer))[:1]

    def _left_out(self, day: int, visits: int) -> list[tuple[Sender, int]]:
        """Generate programs and own people who visit on a day, each with the time of its visit."""
        programs = self._as_due("programs", visits * VISITS_BY_PROGRAMS)
        desk = self._as_due("desk", visits * crowd.VISITS_FROM_DESK)
        senders = self._senders.left_out(programs, desk)
        return list(zip(senders, self._starts(day, programs + desk), strict=True))

    def _as_due(self, what: str, more: float) -> int:
        """Return how many whole ones are due, with so many more."""
        number, self._due[what] = divmod(self._due.get(what, 0.0) + more, 1)
        return int(number)

    def _record(self, person: _Person, steps: Sequence[Step]) -> int:
        """Make entries of a visit, count it, and return how many of its page loads are recorded."""
        columns = column_filter_of(person.claims, self._site)
        loads = 0
        for time, path, event in steps:
            if time >= person.until:
                continue
            sender = person.sender
            whole = entry_of(
                event, self._site, person.claims, sender.arrival, sender.shared, columns
            )
            self._waiting.append(columns.minimized(whole, self._site))
            if event.kind == "page_view":
                if not (fetches_ahead(sender.headers) or is_left_out(self._site, sender.headers)):
                    self._history.load(time, path, sender.arrival.accept_language)
                loads += not whole.rule
        return loads

    async def _send(self) -> None:
        """Store what waits, while the next days are generated."""
        await self._shipped()
        entries = sorted(self._waiting, key=lambda entry: entry.happened_at)
        self._waiting = []
        self._shipping = asyncio.create_task(self._ship(entries))

    async def _ship(self, entries: Sequence[JournalEntry]) -> None:
        for first in range(0, len(entries), _AT_ONCE):
            await self._services.journal.append(entries[first : first + _AT_ONCE], self._now)
        await self._services.shipper.ship_all()

    async def _shipped(self) -> None:
        if self._shipping:
            await self._shipping

    def _starts(self, day: int, number: int) -> list[int]:
        return sorted(day + self._moment() for _ in range(number))

    def _moment(self) -> int:
        """Return when a visit starts, in milliseconds after the running day began; by UTC hours."""
        hour = crowd.HOURS.draw(self._random)
        moment = hour * 3_600_000 + self._random.randrange(_EARLIEST_MS, 3_600_000)
        return (moment - self._last_start) % DAY_MS

    def _returning(self, time: int) -> _Person | None:
        if not self._people or self._random.random() > crowd.RETURNING:
            return None
        person = self._random.choice(self._people[-5000:])
        return person if time + _VISIT_MOST_MS * 4 < person.until else None

    async def _new_people(
        self, visits: Sequence[tuple[Sender, list[Step]]], until: int
    ) -> list[_Person]:
        """Record who says yes on these visits, and a few more whose rows are erased by now."""
        said = [self._yes(sender, steps) for sender, steps in visits]
        people = [yes for yes in said if not yes.is_program]
        gone = [self._gone(yes) for yes in people if self._random.random() < self._leaving(yes, 0)]
        for yes in [*said, *gone]:
            self._history.accept(yes)
        for yes in gone:
            for _ in range(yes.events):
                self._history.load(yes.time, yes.page, yes.language)
        records = await self._history.record([*said, *gone], until)
        return [
            _Person(sender, claims_of(record), self._end(yes, record["valid_until"]))
            for (sender, _), yes, record in zip(visits, said, records, strict=False)
        ]

    def _yes(self, sender: Sender, steps: Sequence[Step]) -> Yes:
        time, page = steps[0].happened_at - _CONSENT_BEFORE_MS, steps[0].path
        language = self._history.language(sender.arrival.accept_language)
        is_program = is_left_out(self._site, sender.headers)
        yes = Yes(time, page, language, crowd.METHODS.draw(self._random), is_program=is_program)
        ends = time + self._some_days()
        leaves = self._random.random() < self._leaving(yes, 1)
        return replace(yes, withdrawn_at=ends) if leaves and ends < self._now else yes

    def _leaving(self, yes: Yes, still_there: int) -> float:
        """Return the probability of a withdrawal by somebody `still_there` or erased by now."""
        recent = yes.time > self._now - WITHDRAWN_DAYS * DAY_MS
        staying = 1 - crowd.ERASING if recent else 0
        return crowd.WITHDRAWING * (staying if still_there else 1 - staying)

    def _gone(self, like: Yes) -> Yes:
        """Return a yes of somebody who was erased, at once or when the promised time was over."""
        withdrawn = min(like.time + self._some_days(), self._now)
        promised = withdrawn + WITHDRAWN_DAYS * DAY_MS
        at_once = promised > self._now or self._random.random() < crowd.ERASING
        events = 1 + self._random.randrange(9)
        erased = withdrawn if at_once else promised
        return replace(like, withdrawn_at=withdrawn, erased_at=erased, events=events)

    def _some_days(self) -> int:
        return 30_000 + int(self._random.expovariate(1 / crowd.DAYS_UNTIL_WITHDRAWN) * DAY_MS)

    def _end(self, yes: Yes, valid_until: int) -> int:
        return min(self._now + 1, valid_until, yes.withdrawn_at or valid_until)

    def _count_the_others(self, day: int, views: int, fresh: int) -> None:
        """Count the page loads without consent that the consent rate leaves, and refused events."""
        share = crowd.COVERAGE + self._random.uniform(-0.02, 0.02)
        self._unseen += views * (1 - share) / share
        while self._unseen >= 1:
            self._unseen -= self._silent_visit(self._starts(day, 1)[0])
        for reason, part in crowd.TURNED_AWAY.items():
            for _ in range(self._as_due(reason, fresh * part)):
                crawler = f":{next(self._crawlers)}" if reason == "bot" else ""
                self._history.turn_away(day + self._moment(), reason + crawler)

    def _silent_visit(self, start: int) -> int:
        """Count a visit of which nothing is recorded, and return how often it loads the tag."""
        loads = [load for load in self._visits.pages(start) if load[0] <= self._now]
        kind = self._silent(start).draw(self._random)
        if kind == "no answer":
            loads = loads[:3]  # who sees the banner on each page answers in the end, or leaves
        header = crowd.LANGUAGES.draw(self._random)
        language = self._history.language(header)
        for number, (time, page) in enumerate(loads):
            self._history.load(time, page, header, signal=kind == "signal")
            if kind == "no answer" or (kind == "refused" and not number):
                self._history.ask(time, page, language)
            if kind == "refused" and not number:
                self._history.refuse(time, page, language)
        return len(loads)

    def _silent(self, time: int) -> Odds[str]:
        first = time < self._now - (DAYS - FIRST_WORDS_DAYS) * DAY_MS
        return crowd.SILENT_AT_FIRST if first else crowd.SILENT
