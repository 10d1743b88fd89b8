"""Importing log files: each is read once, line by line, and what it brings is stored in batches."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from askfirst.clock import utc_day
from askfirst.consents import Reason
from askfirst.errors import Misconfigured
from askfirst.events import JournalEntry
from askfirst.sites import Site
from askfirst.store.ledger.load_counts import LOG, LOG_RECORDED
from collector.enrichment.enrich import Enricher
from collector.intake.bot_rules import tallied_as
from consent.http.cookie import cookie_name
from server.log_import.consents import reasons_against
from server.log_import.event_ids import EventIds, import_key
from server.log_import.files import DamagedFile, LogFile, RawLine, opened
from server.log_import.formats.reader import LineReader
from server.log_import.imported_files import Counts, Ends, Fingerprint, Found, ImportedFiles
from server.log_import.judging import Dependencies, Judge
from server.log_import.line import BrokenLine
from server.log_import.overlaps import PIECE, End, Overlaps, Place, placed
from server.log_import.storing import EventStore
from server.maintenance.retention import limits
from server.services import Services
from server.startup.keys import load_seed

AT_ONCE = 5_000
"""Events in a batch; memory does not grow with a file."""
_TOLD = 1000  # lines, until the progress is told


@dataclass
class Imported:
    """What a file has brought. `known` are events that were there already, `again` the lines that
    were counted by an earlier import.

    `reasons` counts the lines that were not recorded, by reason, and those that are kept but left
    out of the reports, by the rule; broken ones are `malformed`.
    `damage` says where a packed file could not be unpacked, or is ''.
    """

    lines: int = 0
    recorded: int = 0
    known: int = 0
    again: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    damage: str = ""


@dataclass(frozen=True)
class Observer:
    """Who is told: how many bytes of a file are read, and the number and fault of broken lines."""

    progress: Callable[[int], None]
    broken: Callable[[int, str], None]


@dataclass(frozen=True)
class Importer:
    """What importing into a site takes, made by `open_importer`; `key` is that of the hashes."""

    services: Services
    site: Site
    judge: Judge
    store: EventStore
    files: ImportedFiles
    key: bytes
    now: int

    async def import_file(self, path: Path, observer: Observer) -> Imported:
        """Import one file; raises `OSError` where it cannot be read.

        Events are durable batch by batch. What was not recorded is tallied at the end of the file,
        so that a file which is read again after a crash is tallied once.
        """
        with opened(path) as file:
            return await _FileImport(self, observer).run(file)

    async def keep(
        self, entries: list[JournalEntry]
    ) -> tuple[list[JournalEntry], dict[str, Reason]]:
        """Store entries; return those that are new, and why some may not be stored.

        Raises `Unavailable` where the disk has too little room.
        """
        await asyncio.to_thread(self.services.storage.look)
        self.services.storage.refuse_if_short()
        reasons = await reasons_against(self.services.ledger, entries)
        allowed = [one for one in entries if one.event_id not in reasons]
        return await self.store.store(allowed), reasons


async def open_importer(services: Services, site: Site, host: str) -> Importer:
    """Prepare importing into a site; `host` is that of pages whose line names none, '' by the site.

    Raises `Misconfigured` where the site has no such host.
    """
    deps = Dependencies(
        site=site,
        host=_host_of(site, host),
        now=services.clock(),
        tokens=services.tokens,
        withdrawn=services.withdrawn,
        place_of=services.places.place,
        limits=tuple(one for one in await limits(services) if one.site_id == site.id),
    )
    silence_ms = services.settings.visit_minutes * 60_000
    source = f"import-log:{services.journal.id}"
    enricher = Enricher(services.book.by_id)
    store = EventStore(services.warehouse, enricher, silence_ms, source)
    files = ImportedFiles(services.ledger, site.id)
    await files.read()
    key = import_key(load_seed(services.settings.data_folder))
    return Importer(services, site, Judge(deps), store, files, key, deps.now)


def _host_of(site: Site, host: str) -> str:
    if host and not site.allows(host.lower()):
        raise Misconfigured("The site has no such host; see its settings.")
    plain = [one for one in site.hosts if not one.startswith("*.")]
    return host.lower() or next(iter(plain), "")


@dataclass
class _Counted:
    """What lines count for, and how many they are."""

    counts: Counts = field(default_factory=Counter)
    lines: int = 0

    def clear(self) -> int:
        """Forget all; return how many lines that were."""
        lines, self.lines = self.lines, 0
        self.counts.clear()
        return lines

    def take(self, other: "_Counted") -> None:
        """Take over what another one counted."""
        self.counts.update(other.counts)
        self.lines += other.clear()


class _FileImport:
    """One file on its way: its lines in order, and what is counted until its end."""

    def __init__(self, importer: Importer, observer: Observer) -> None:
        self._importer = importer
        self._observer = observer
        self._reader = LineReader(cookie_name(importer.site.key))
        self._ids = EventIds(importer.key, importer.site.key)
        self._fingerprint = Fingerprint(importer.key)
        self._overlaps = Overlaps(importer.files.ends)
        self._entries: list[tuple[JournalEntry, Counts, bool]] = []
        self._counted, self._held = _Counted(), _Counted()
        self._end, self._piece = End(), End()
        self._pieces: set[End] = set()
        self._done = Imported()

    async def run(self, file: LogFile) -> Imported:
        ends: Ends = {}
        try:
            for raw, place in placed(file, self._importer.key):
                if not raw.ended:  # it may grow on, so where the one before ended is noted, too
                    self._note(ends)
                await self._read(raw, place)
                if raw.number % _TOLD == 0:
                    self._observer.progress(file.done)
        except DamagedFile as error:
            self._done.damage = str(error)
        await self._keep()
        self._done.again += self._held.clear()  # the file ends within what another one brought
        self._note(ends)
        found = Found(ends, {*self._pieces, self._piece} - {self._end})
        await self._importer.files.note(found, self._counted.counts, self._importer.now)
        return self._done

    def _note(self, ends: Ends) -> None:
        ends[self._fingerprint.lines] = (self._fingerprint.digest(), self._end)

    async def _read(self, raw: RawLine, place: Place) -> None:
        """Take a line, and forget what was counted by an earlier import, too."""
        self._overlaps.begin(place)
        self._take(raw)
        if self._piece.rows == PIECE:
            self._pieces.add(self._piece)
            self._piece = End()
        self._piece = self._piece.at(place, self._end.rows - self._piece.rows)
        self._end = self._end.at(place)
        ends, files = self._overlaps.ends(place), self._importer.files
        all_known = files.ends_here(self._fingerprint) or self._overlaps.is_all_known(place)
        is_unlike = self._held.lines > 0 and not self._overlaps.is_within  # but began like it
        if ends or all_known or is_unlike or len(self._entries) >= AT_ONCE:
            await self._keep()
        if ends or all_known:
            self._done.again += self._held.clear()
        if all_known:
            self._done.again += self._counted.clear()
        elif is_unlike:
            self._counted.take(self._held)

    @property
    def _into(self) -> _Counted:
        """Where a line is counted: apart, while another file seems to have brought it."""
        return self._held if self._overlaps.is_within else self._counted

    def _take(self, raw: RawLine) -> None:
        self._fingerprint.add(raw.content)
        self._into.lines += 1
        self._done.lines += 1
        try:
            line = self._reader.read(raw.content)
            if line is None:
                return
            found = self._importer.judge.entry_of(line, raw.content or b"", self._ids)
        except BrokenLine as error:
            self._observer.broken(raw.number, str(error))
            self._count(self._into.counts, self._importer.now, Reason.MALFORMED)
            return
        if is_load := self._importer.judge.is_load(line, found):
            self._into.counts[utc_day(line.time), LOG] += 1
        if isinstance(found, JournalEntry):
            self._entries.append((found, self._into.counts, is_load))
        else:
            self._count(self._into.counts, line.time, tallied_as(found, line.user_agent))

    def _count(self, counts: Counts, time: int, reason: str) -> None:
        self._done.reasons[reason] += 1
        counts[utc_day(time), reason] += 1

    async def _keep(self) -> None:
        waiting, self._entries = self._entries, []
        entries = [entry for entry, *_ in waiting]
        counts_of = {entry.event_id: counts for entry, counts, _ in waiting}
        fresh, reasons = await self._importer.keep(entries)
        self._done.recorded += len(fresh)
        self._done.known += len(entries) - len(reasons) - len(fresh)
        for entry, counts, is_load in waiting:
            if reason := reasons.get(entry.event_id):
                self._count(counts, entry.happened_at, reason)
            elif is_load:
                counts[utc_day(entry.happened_at), LOG_RECORDED] += 1
        for entry in fresh:
            if self._importer.site.rules.leaves_out(entry.rule):
                self._count(counts_of[entry.event_id], entry.happened_at, entry.rule)
