"""What changes the warehouse: batches, deletions, closed days, rewriting; one change at a time."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING

from askfirst.store.warehouse.identifiers import FORMS, stored_id
from askfirst.store.warehouse.tables import RULE

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa

    from askfirst.store.warehouse.appending.appender import Appender
    from askfirst.store.warehouse.engine import Engine, Operation, Reader
    from askfirst.store.warehouse.summaries.closed_days import Closed
    from askfirst.store.warehouse.summaries.deleting import Deletion
    from askfirst.store.warehouse.summaries.removal import Removal
    from askfirst.store.warehouse.summaries.source import Source


Find = Callable[["Reader", str, int, str], list[int]]
"""Finds the keys of an id: of a reader, its dialect, a site and the 32 digits that are stored."""


class StaleWatermark(RuntimeError):
    """The watermark has moved since it was read."""


def _unread(removal: Removal, _source: Source) -> Removal:
    """Return a removal that needs nothing read."""
    return removal


def _sides(site_id: int) -> tuple[int, int]:
    """Return the numbers under which a site is stored: what its reports count, and leave out."""
    return site_id, -site_id


def _token(what: str) -> str:
    return f"{what}:{secrets.token_hex(16)}"


class WarehouseWriter:
    """The part of `Warehouse` that writes; every method blocks until what it writes is safe."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = threading.Lock()
        self._kept_appender: Appender | None = None
        self._closed: dict[int, Closed] | None = None
        """How far each site's days are closed, unless a change since may have closed or opened."""
        self._watermarks: dict[str, int] = {}

    @property
    def dialect(self) -> str:
        """The name by which Ibis knows the engine."""
        return self.engine.dialect

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Yield a reader of the stored tables."""
        with self.engine.reading() as reader:
            yield reader

    def watermark(self, journal: str) -> int:
        """Return the number of the last row of this journal that the warehouse holds, or 0."""
        with self._writing:
            self.engine.settle()
            self._watermarks[journal] = self.engine.watermark(journal)
            return self._watermarks[journal]

    def append(self, batch: pa.Table, journal: str, seq: int) -> None:
        """Store a batch, made by `batches.batch_of`, and its watermark: both or neither.

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
        self._commit([*reopened, *prepared.operations, shipped], f"{journal}:{seq}")
        appender.learn(prepared)
        self._closed = None if reopened else closed

    def _refuse_stale(self, journal: str) -> None:
        told = self._watermarks.get(journal)
        if told is not None and told != self.engine.watermark(journal):
            del self._watermarks[journal]
            raise StaleWatermark(journal)

    def _appender(self) -> Appender:
        if self._kept_appender is None:
            from askfirst.store.warehouse.appending.appender import Appender  # noqa: PLC0415

            self._kept_appender = Appender(self.dialect)
        return self._kept_appender

    @contextmanager
    def _source(self) -> Iterator[Source]:
        from askfirst.store.warehouse.summaries.source import Source  # noqa: PLC0415

        with self.reading() as reader:
            yield Source(reader, self.dialect)

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
            self._commit([*opened, *gone.operations, *prepared.operations], _token("move"))
            self._appender().forget()
            return gone.events

    def delete_visitor(self, site_id: int, visitor_id: str) -> int:
        """Delete a visitor's events, exactly in summaries too, and return their number.

        What nothing refers to afterwards goes as well; `rewrite` removes the bytes. This and all
        that deletes reaches both sides of a site, see `logical.sides`.
        """
        from askfirst.store.warehouse.lookups import visitor_keys  # noqa: PLC0415
        from askfirst.store.warehouse.summaries.removal import of_visitor  # noqa: PLC0415

        digits = stored_id(visitor_id, FORMS["visitor_id"])
        return self._remove(visitor_keys, of_visitor, site_id, digits)

    def delete_visit(self, site_id: int, visit_id: str) -> int:
        """Delete the events of one visit and return their number."""
        from askfirst.store.warehouse.lookups import visit_keys  # noqa: PLC0415
        from askfirst.store.warehouse.summaries.removal import of_visit  # noqa: PLC0415

        digits = stored_id(visit_id, FORMS["visit_id"])
        return self._remove(visit_keys, of_visit, site_id, digits)

    def delete_span(self, site_id: int, start: datetime, end: datetime) -> int:
        """Delete a site's events from a UTC time to another, not included; return their number."""
        from askfirst.store.warehouse.lookups import milliseconds  # noqa: PLC0415
        from askfirst.store.warehouse.summaries.removal import of_span  # noqa: PLC0415

        times = milliseconds(start), milliseconds(end)
        removals = [of_span(side, *times) for side in _sides(site_id)]
        return sum(self._delete(partial(_unread, one)) for one in removals)

    def delete_before(self, site_id: int, time: datetime, version: int | None = None) -> int:
        """Delete a site's events older than a UTC time and return their number.

        With `version`, only those recorded under this version of its policy.
        """
        return sum(self._delete_before(side, time, version) for side in _sides(site_id))

    def _delete_before(self, site_id: int, time: datetime, version: int | None) -> int:
        end = round(time.replace(tzinfo=UTC).timestamp() * 1000)
        first = self.engine.first_time(site_id)
        if first is None or first >= end:
            return 0  # as nearly always, and what follows loads Ibis
        from askfirst.store.warehouse.summaries.removal import of_before, of_version  # noqa: PLC0415

        if version is None:
            return self._delete(partial(_unread, of_before(site_id, end)))
        return self._delete(lambda source: of_version(source, site_id, version, end))

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
            self._commit(step.operations, _token("shorten"))
            self._kept_appender = None  # the keys that it would give next are taken
            return step.more

    def delete_site(self, site_id: int) -> int:
        """Delete everything of a site and return the number of its events."""
        from askfirst.store.warehouse.summaries.deleting import delete_site  # noqa: PLC0415

        changes = [partial(delete_site, site=side) for side in _sides(site_id)]
        return sum(self._change(change) for change in changes)

    def _remove(
        self, find: Find, of: Callable[[int, int], Removal], site_id: int, digits: str
    ) -> int:
        """Delete the events of what an id stands for; nothing where it is not known."""
        with self._writing:
            self.engine.settle()  # what an interrupted batch has left may be what is to be deleted
            with self.reading() as reader:
                found = {one: find(reader, self.dialect, one, digits) for one in _sides(site_id)}
        removals = [of(side, key) for side, keys in found.items() for key in keys]
        return sum(self._delete(partial(_unread, removal)) for removal in removals)

    def _delete(self, removal_of: Callable[[Source], Removal]) -> int:
        from askfirst.store.warehouse.summaries.deleting import delete  # noqa: PLC0415

        return self._change(lambda source: delete(source, removal_of(source)))

    def _change(self, prepare: Callable[[Source], Deletion]) -> int:
        with self._writing:
            self.engine.settle()
            with self._source() as source:
                deletion = prepare(source)
            if deletion.operations:
                self._commit(deletion.operations, _token("delete"))
                self._appender().forget()
            return deletion.events

    def _commit(self, operations: Sequence[Operation], token: str) -> None:
        """Commit operations; where that fails, forget which keys there are.

        These may be carried out later, or others may have been before them: rows whose keys are
        remembered may go, and keys that would be the next ones may be taken.
        """
        self._closed = None
        try:
            self.engine.commit(operations, token)
        except BaseException:
            self._kept_appender = None
            raise

    def fold(self, site_id: int, zone: str, now: int) -> bool:
        """Close the next local days of a site, and return whether it may have more to close.

        `now` is milliseconds since the epoch. One call is one step, so that a batch can be stored
        between two of them. Both sides of a site have summaries.
        """
        return any(self._fold(side, zone, now) for side in _sides(site_id))

    def _fold(self, site_id: int, zone: str, now: int) -> bool:
        from askfirst.store.warehouse.summaries.folding import due, fold  # noqa: PLC0415

        with self._writing:
            self.engine.settle()
            with self._source() as source:
                operations = (
                    fold(source, site_id, zone, now) if due(source, site_id, zone, now) else []
                )
            if operations:
                self._commit(operations, _token("fold"))
            return bool(operations)

    def rewrite(self) -> None:
        """Remove the bytes of deleted rows from the engine's files."""
        with self._writing:
            self.engine.settle()
            self.engine.rewrite()

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
