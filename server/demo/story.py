"""The demo's past: a clock that can be set, the versions of its wording, and who was asked when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.sites import Site
from askfirst.store.ledger.choice_counts import (
    ACCEPTED,
    LOADED,
    REFUSED,
    SHOWN,
    SIGNAL,
    ChoiceCounts,
)
from askfirst.store.ledger.erasure_receipts import receipt_id_of
from askfirst.store.ledger.sites.policies import Policy
from askfirst.store.ledger.tables import erasures, sites
from askfirst.store.ledger.tallies import Tallies
from askfirst.web.accept_language import preferred_languages
from consent.policy.wording import language_of, wording
from consent.proof.appearance import ui_hash
from consent.proof.records import ConsentRequest, Record, append, new_record
from consent.rights.withdrawal import close, count_withdrawal
from server.app import banner_hash
from server.demo import crowd
from server.services import Services

_BY_FORM = "form"
_RECORDS_OF_ONE = 2  # the yes and the withdrawal of somebody who was erased


class StoryClock:
    """A clock that shows the time of the generated past."""

    def __init__(self, now: int = 0) -> None:
        self.now = now

    def __call__(self) -> int:
        """Return the time that was set, in milliseconds since the epoch."""
        return self.now


@dataclass(frozen=True)
class Yes:
    """A yes to be recorded: when, on which page, in which language, by which control, and its end.

    Of one from what names itself a program neither banner nor answer is counted. `erased_at` is
    when all that it allowed was erased, `events` how many rows of the warehouse. Times are in
    milliseconds.
    """

    time: int
    page: str
    language: str
    method: str
    withdrawn_at: int | None = None
    erased_at: int | None = None
    events: int = 0
    is_program: bool = False

    @property
    def how_it_ended(self) -> str:
        """Return the control by which the yes was withdrawn."""
        return "erasure" if self.erased_at == self.withdrawn_at else "banner"


class BannerHistory:
    """Counts and records, at the times of the past, what visitors of the demo saw and answered.

    Nothing is counted in one place alone: a yes is a load of the tag, a banner that was shown, an
    answer, a tally and a record, and so on. `flush` makes the counts durable.
    """

    def __init__(self, services: Services, site: Site) -> None:
        self._services = services
        self._site = site
        self._clock = StoryClock()
        self._tallies = Tallies(services.ledger, self._clock)
        self._counts = ChoiceCounts(services.ledger, self._clock, services.settings.smallest_count)
        self._versions: list[Policy] = []
        self._languages: dict[str, str] = {}
        self._looks: dict[tuple[int, str, str], str] = {}
        self._shown: dict[tuple[int, str], dict[str, Any]] = {}
        self._ending: list[tuple[int, Record, str]] = []
        self._acts: list[tuple[int, Callable[..., None], tuple[Any, ...]]] = []

    async def start(self) -> None:
        """Read the versions of the wording, and its words."""
        self._versions = await self._services.book.versions(self._site)
        for policy in self._versions:
            for tag in crowd.LANGUAGES_ASKED:
                shown = await wording(self._services.book, policy, self._site, tag)
                self._shown[policy.version, tag] = shown

    def language(self, accept_language: str) -> str:
        """Return the language of the banner for a browser, e.g. `de` for `de-DE,de`."""
        if accept_language not in self._languages:
            wanted = next(iter(preferred_languages(accept_language)), "")
            self._languages[accept_language] = language_of(self._versions[0], wanted)
        return self._languages[accept_language]

    def load(self, time: int, path: str, accept_language: str, *, signal: bool = False) -> None:
        """Count a load of the tag; `signal` is Global Privacy Control."""
        self._note(time, LOADED, path)
        self._acts.append((time, self._counts.loads.add, (self._site.id, accept_language)))
        if signal:
            self._note(time, SIGNAL, path)

    def ask(self, time: int, path: str, language: str) -> None:
        """Count that the banner was shown."""
        self._note(time, SHOWN, path, language)

    def refuse(self, time: int, path: str, language: str) -> None:
        """Count a no."""
        self._note(time, REFUSED, path, language)
        self.turn_away(time, "refused")

    def accept(self, yes: Yes) -> None:
        """Count a yes; it is recorded by `record`."""
        page = "" if yes.method == _BY_FORM else yes.page
        if not yes.is_program:
            self.ask(yes.time, page, yes.language)
            self._note(yes.time, ACCEPTED, page, yes.language)
        self.turn_away(yes.time, "accepted")

    def turn_away(self, time: int, reason: str) -> None:
        """Tally answers and refused events, by reason."""
        self._acts.append((time, self._tallies.add, (self._site.id, reason)))

    def _note(self, time: int, kind: str, path: str, language: str = "") -> None:
        version = self._version(time).version if language else 0
        self._acts.append((time, self._counts.add, (self._site.id, kind, path, language, version)))

    def play(self, until: int) -> None:
        """Count everything that happened before `until` (ms), in order of time."""
        self._acts.sort(key=lambda act: act[0])
        later = [act for act in self._acts if act[0] >= until]
        for time, count, what in self._acts[: len(self._acts) - len(later)]:
            self._clock.now = time
            count(*what)
        self._acts = later

    async def flush(self) -> None:
        """Write the counts."""
        await self._tallies.flush()
        await self._counts.flush()

    def _version(self, time: int) -> Policy:
        """Return the version that was in force, the first one before there was any."""
        published = (one for one in self._versions if one.published_at <= time)
        return next(published, self._versions[-1])

    async def record(self, given: Sequence[Yes], until: int) -> list[Record]:
        """Record these yeses in order of time, and every withdrawal up to `until` (ms).

        Returns the records of the yeses, in their order.
        """
        records = [self._record(yes) for yes in given]
        erased = []
        for yes, record in zip(given, records, strict=True):
            if yes.withdrawn_at is not None:
                self._ending.append((yes.withdrawn_at, record, yes.how_it_ended))
            if yes.erased_at is not None:
                erased.append(_erasure(yes, record))
                record |= {"visitor_id": None, "nonce": None}
        async with self._services.ledger.write() as connection:
            await self._write(connection, records, self._due(until))
            if erased:
                await connection.execute(insert(erasures), erased)
                mine = update(sites).where(sites.c.id == self._site.id)
                more = sites.c.erased_records + _RECORDS_OF_ONE * len(erased)
                await connection.execute(mine.values(erased_records=more))
        return records

    def _due(self, until: int) -> list[tuple[int, Record, str]]:
        ending = sorted(self._ending, key=lambda one: one[0])
        self._ending = [one for one in ending if one[0] >= until]
        return ending[: len(ending) - len(self._ending)]

    async def _write(
        self,
        connection: AsyncConnection,
        records: Sequence[Record],
        due: Sequence[tuple[int, Record, str]],
    ) -> None:
        waiting = sorted(records, key=lambda record: record["event_time"])
        for time, record, method in due:
            before = [one for one in waiting if one["event_time"] <= time]
            await append(connection, before)
            waiting = waiting[len(before) :]
            await close(connection, [record], method, time)
            self._withdraw(time, int(record["policy_version"]))
        await append(connection, waiting)

    def _withdraw(self, time: int, version: int) -> None:
        what = (self._tallies, self._counts, self._site.id, version)
        self._acts.append((time, count_withdrawal, what))

    def _look(self, version: int, yes: Yes) -> str:
        key = (version, yes.language, yes.method)
        if key not in self._looks:
            shown = self._shown[version, yes.language]
            self._looks[key] = ui_hash(shown, yes.method, banner_hash())
        return self._looks[key]

    def _record(self, yes: Yes) -> Record:
        version = self._version(yes.time).version
        shown = self._shown[version, yes.language]
        days = int(self._version(yes.time).content["choice_days"])
        answer = ConsentRequest(
            site_id=self._site.id,
            policy_version=version,
            notice_hash=shown["hash"],
            purposes=tuple(purpose["id"] for purpose in shown["purposes"]),
            language=yes.language,
            method=yes.method,
            gpc=False,
            choice_days=min(days, self._services.settings.choice_days),
            ui_hash=self._look(version, yes),
        )
        return new_record(answer, yes.time)


def _erasure(yes: Yes, record: Record) -> dict[str, Any]:
    counts = {"warehouse.events": yes.events, "ledger.consent_records": _RECORDS_OF_ONE}
    return {
        "receipt_id": receipt_id_of(record["site_id"], record["visitor_id"]),
        "site_id": record["site_id"],
        "requested_at": yes.erased_at,
        "completed_at": yes.erased_at,
        "bytes_gone_at": yes.erased_at,
        "counts": counts,
    }
