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
from consent.http.cookie import cookie_name
from server.log_import.consents import reasons_against
from server.log_import.event_ids import EventIds, import_key
from server.log_import.files import DamagedFile, LogFile, RawLine, opened
from server.log_import.imported_files import Counts, Fingerprint, ImportedFiles
from server.log_import.judging import NOT_A_PAGE, Dependencies, Judge
from server.log_import.line import BrokenLine
from server.log_import.reader import LineReader
from server.log_import.storing import EventStore
from server.maintenance.retention import limits
from server.services import Services
from server.startup.keys import load_seed

AT_ONCE = 5_000
"""Events in a batch; memory does not grow with a file."""
_NO_LOAD = (NOT_A_PAGE, Reason.BOT, Reason.BAD_ORIGIN)
"""Of lines that are no load of the site's pages by a browser."""
_TOLD = 1000  # lines, until the progress is told


@dataclass
class Imported:
    """What a file has brought. `known` are events that were there already.

    `reasons` counts the lines that were not recorded, by reason, and those that are kept but left
    out of the reports, by the rule; broken ones are `malformed`.
    `damage` says where a packed file could not be unpacked, or is ''.
    """

    lines: int = 0
    recorded: int = 0
    known: int = 0
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


class _FileImport:
    """One file on its way: its lines in order, and what is counted until its end."""

    def __init__(self, importer: Importer, observer: Observer) -> None:
        self._importer = importer
        self._observer = observer
        self._reader = LineReader(cookie_name(importer.site.key))
        self._ids = EventIds(importer.key, importer.site.key)
        self._fingerprint = Fingerprint(importer.key)
        self._entries: list[JournalEntry] = []
        self._counts: Counts = Counter()
        self._done = Imported()

    async def run(self, file: LogFile) -> Imported:
        ends: dict[int, str] = {}
        try:
            for raw in file:
                if not raw.ended:  # it may grow on, so where the one before ended is noted, too
                    ends[self._fingerprint.lines] = self._fingerprint.digest()
                self._take(raw)
                if len(self._entries) >= AT_ONCE:
                    await self._keep()
                if self._importer.files.ends_here(self._fingerprint):
                    await self._keep()  # what these are counted for was counted before, too
                    self._counts.clear()
                if raw.number % _TOLD == 0:
                    self._observer.progress(file.done)
        except DamagedFile as error:
            self._done.damage = str(error)
        await self._keep()
        ends[self._fingerprint.lines] = self._fingerprint.digest()
        await self._importer.files.note(ends, self._counts, self._importer.now)
        return self._done

    def _take(self, raw: RawLine) -> None:
        self._fingerprint.add(raw.content)
        self._done.lines += 1
        try:
            line = self._reader.read(raw.content)
            if line is None:
                return
            found = self._importer.judge.entry_of(line, raw.content or b"", self._ids)
        except BrokenLine as error:
            self._observer.broken(raw.number, str(error))
            self._count(self._importer.now, Reason.MALFORMED)
            return
        if found not in _NO_LOAD:
            self._counts[utc_day(line.time), LOG] += 1
        if isinstance(found, JournalEntry):
            self._entries.append(found)
        else:
            self._count(line.time, found)

    def _count(self, time: int, reason: str) -> None:
        self._done.reasons[reason] += 1
        self._counts[utc_day(time), reason] += 1

    async def _keep(self) -> None:
        entries, self._entries = self._entries, []
        fresh, reasons = await self._importer.keep(entries)
        self._done.recorded += len(fresh)
        self._done.known += len(entries) - len(reasons) - len(fresh)
        for entry in entries:
            if reason := reasons.get(entry.event_id):
                self._count(entry.happened_at, reason)
            else:
                self._counts[utc_day(entry.happened_at), LOG_RECORDED] += 1
        for entry in fresh:
            if self._importer.site.rules.leaves_out(entry.rule):
                self._count(entry.happened_at, entry.rule)
