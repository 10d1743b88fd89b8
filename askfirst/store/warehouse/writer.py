"""What writes to the warehouse: batches, moves between sides, shortened addresses, closed days."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from askfirst.store.warehouse.changes import sides_of, token_of
from askfirst.store.warehouse.deletions import Deletions
from askfirst.store.warehouse.tables import RULE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa

    from askfirst.rules.corrections import Correction
    from askfirst.rules.report_rules import ReportRules
    from askfirst.store.warehouse.engine import Engine
    from askfirst.store.warehouse.ruling.asked import Asked


class StaleWatermark(RuntimeError):
    """The watermark has moved since it was read."""


class WarehouseWriter(Deletions):
    """The part of `Warehouse` that writes; every method blocks until what it writes is safe."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._watermarks: dict[str, int] = {}

    def watermark(self, journal: str) -> int:
        """Return the number of the last row of this journal that the warehouse holds, or 0."""
        with self._writing:
            self.engine.settle()
            self._watermarks[journal] = self.engine.watermark(journal)
            return self._watermarks[journal]

    def append(self, batch: pa.Table, journal: str, seq: int) -> None:
        """Store a batch (`batches.ARROW_SCHEMA`) and its watermark: both or neither.

        Raises `StaleWatermark` where the watermark is not what `watermark` has returned: an earlier
        batch whose end was not heard of is stored after all, and this one may hold its events.
        """
        with self._writing:
            self.engine.settle()
            self._refuse_stale(journal)
            self._append(batch, journal, seq)
            self._watermarks[journal] = seq

    def _append(self, batch: pa.Table, journal: str, seq: int) -> None:
        from askfirst.store.warehouse.appending.rows import insert_columns  # noqa: PLC0415
        from askfirst.store.warehouse.summaries.closed_days import closed_days  # noqa: PLC0415
        from askfirst.store.warehouse.summaries.reopening import reopen  # noqa: PLC0415

        shipped = insert_columns("shipped", {"journal": [journal], "seq": [seq]})
        appender = self._appender()
        with self._source() as source:
            prepared = appender.prepare(source.reader, batch)
            closed = closed_days(source) if self._closed is None else self._closed
            reopened = reopen(source, prepared.touched, prepared.begun, closed)
        operations = [*reopened, *prepared.operations, shipped]
        self._commit(operations, f"{journal}:{seq}", prepared.touched.since)
        appender.learn(prepared)
        self._closed = None if reopened else closed

    def _refuse_stale(self, journal: str) -> None:
        told = self._watermarks.get(journal)
        if told is not None and told != self.engine.watermark(journal):
            del self._watermarks[journal]
            raise StaleWatermark(journal)

    def set_left_out(self, site_id: int, rule: str, *, left_out: bool, column: str = RULE) -> int:
        """Let the reports of a site leave out what a rule fits, or count it, and return the events.

        The rule is a text in a column of profiles. Its events move to the negative number of the
        site or back, some visitors at a time, each time whole and once: where it is cut short,
        another call moves the rest. The days that they come to are opened, and `fold` closes them.
        """
        here, there = (site_id, -site_id) if left_out else (-site_id, site_id)
        moved = 0
        while some := self._move(here, there, column, rule):
            moved += some
        return moved

    def _move(self, here: int, there: int, column: str, text: str) -> int:
        from askfirst.store.warehouse.summaries.closed_days import closed_days  # noqa: PLC0415
        from askfirst.store.warehouse.summaries.deleting import delete  # noqa: PLC0415
        from askfirst.store.warehouse.summaries.moving import moved_rows, next_part  # noqa: PLC0415
        from askfirst.store.warehouse.summaries.reopening import reopen  # noqa: PLC0415

        with self._writing:
            self.engine.settle()
            with self._source() as source:
                removal = next_part(source, here, column, text)
                if removal is None:
                    return 0
                rows = moved_rows(source, removal, there)
                prepared = self._appender().prepare(source.reader, rows, is_move=True)
                closed = closed_days(source)
                opened = reopen(source, prepared.touched, prepared.begun, closed)
                gone = delete(source, removal, is_move=True)
            self._commit([*opened, *gone.operations, *prepared.operations], token_of("move"))
            self._appender().forget()
            return gone.events

    def apply_rules(self, asked: Asked) -> int:
        """Take one step towards what an owner's rules say, and return how many events it changes.

        0 where all is as they say. Between two steps batches may be stored; one that is cut short
        is taken again. The days that it changes are opened, and `fold` closes them.
        """
        from askfirst.store.warehouse.ruling.rewriting import step  # noqa: PLC0415

        with self._writing:
            self.engine.settle()
            with self._source() as source:
                done = step(source, asked, self._appender())
            if done.operations:
                self._commit(done.operations, token_of("rules"))
                self._kept_appender = None  # the keys that it would give next are taken
            return done.events

    def correct(
        self, site_id: int, visitor_id: str, corrections: Sequence[Correction], rules: ReportRules
    ) -> int:
        """Store a visitor's events as they are corrected; return how many that changed.

        `rules` are those of the owner, for what is right from now on. Each side of the site is one
        commit, and what was corrected before stays as it is: call it again where it was cut short.
        """
        given = (visitor_id, corrections, rules)
        return sum(self._correct(side, *given) for side in sides_of(site_id))

    def _correct(
        self, side: int, visitor_id: str, corrections: Sequence[Correction], rules: ReportRules
    ) -> int:
        from askfirst.store.warehouse.ruling.correcting import correcting  # noqa: PLC0415
        from askfirst.store.warehouse.summaries.removal import of_visitor  # noqa: PLC0415

        with self._writing:
            self.engine.settle()
            with self._source() as source:
                done = [
                    correcting(source, of_visitor(side, key), visitor_id, corrections, rules)
                    for key in self._visitors(source.reader, side, visitor_id)
                ]
            for one in done:
                if one.operations:
                    self._commit(one.operations, token_of("correct"))
                    self._kept_appender = None  # the keys that it would give next are taken
            return sum(one.events for one in done)

    def shorten_addresses(self, site_id: int, time: datetime) -> bool:
        """Shorten the IP addresses of a site's events before a UTC time; return whether any were.

        Those of a visit that goes on after it are shortened by a later call. `rewrite` removes the
        bytes.
        """
        end = round(time.replace(tzinfo=UTC).timestamp() * 1000)
        first = self.engine.first_time(site_id)
        if first is None or first >= end:
            return False
        changed = False
        more: bool | None = True
        while more:
            more = self._shorten(site_id, end)
            changed = changed or more is not None
        return changed

    def _shorten(self, site_id: int, end: int) -> bool | None:
        """Take one step, between two of which batches may be stored; return whether more follow.

        None where there was nothing to do.
        """
        from askfirst.store.warehouse.shortening import shorten  # noqa: PLC0415

        with self._writing:
            self.engine.settle()
            with self._source() as source:
                step = shorten(source, site_id, end)
            if not step.operations:
                return None
            self._commit(step.operations, token_of("shorten"))
            self._kept_appender = None  # the keys that it would give next are taken
            return step.more

    def fold(self, site_id: int, zone: str, now: int) -> bool:
        """Close the next local days of a site, and return whether it may have more to close.

        `now` is milliseconds since the epoch. One call is one step, so that a batch can be stored
        between two of them. Both sides of a site have summaries.
        """
        return any(self._fold(side, zone, now) for side in sides_of(site_id))

    def _fold(self, site_id: int, zone: str, now: int) -> bool:
        from askfirst.store.warehouse.summaries.folding import due, fold  # noqa: PLC0415

        with self._writing:
            self.engine.settle()
            with self._source() as source:
                operations = (
                    fold(source, site_id, zone, now) if due(source, site_id, zone, now) else []
                )
            if operations:
                self._commit(operations, token_of("fold"))
            return bool(operations)

    def rewrite(self) -> None:
        """Remove the bytes of deleted rows from the engine's files."""
        with self._writing:
            self.engine.settle()
            self.engine.rewrite()

    def is_loose(self) -> bool:
        """Return whether `rewrite` would make the engine's files much smaller."""
        return self.engine.is_loose()

    def release_memory(self) -> None:
        """Keep little in memory, where no page has asked since this was called before."""
        self.engine.release_memory()

    def copy_to(self, path: Path) -> None:
        """Write a complete copy, without deleted bytes, to a file that does not exist yet.

        Writers wait meanwhile; readers do not.
        """
        with self._writing:
            self.engine.settle()
            self.engine.copy_to(path)

    def close(self) -> None:
        """Close the connection; what was written is safe."""
        with self._writing:
            self.engine.close()
