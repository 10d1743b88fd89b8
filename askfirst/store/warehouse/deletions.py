"""What deletes from the warehouse: a visitor or a part of one, what is too old, a site."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING

from askfirst.store.warehouse.changes import Changes, sides_of
from askfirst.store.warehouse.identifiers import FORMS, stored_id

if TYPE_CHECKING:
    from datetime import datetime

    from askfirst.store.warehouse.engine import Reader
    from askfirst.store.warehouse.summaries.removal import Removal
    from askfirst.store.warehouse.summaries.source import Source


Find = Callable[["Reader", int], "list[Removal]"]
"""Finds what is to be removed of one side of a site."""


def _unread(removal: Removal, _source: Source) -> Removal:
    """Return a removal that needs nothing read."""
    return removal


class Deletions(Changes):
    """The part of `Warehouse` that deletes, exactly in summaries too."""

    def delete_visitor(self, site_id: int, *visitor_ids: str) -> int:
        """Delete the events of some visitor ids, exactly in summaries too, and return their number.

        What nothing refers to afterwards goes as well; `rewrite` removes the bytes. This and all
        that deletes reaches both sides of a site, see `logical.sides`.
        """
        from askfirst.store.warehouse.summaries.removal import of_visitors  # noqa: PLC0415

        def find(reader: Reader, side: int) -> list[Removal]:
            keys = [key for one in visitor_ids for key in self._visitors(reader, side, one)]
            return [of_visitors(side, keys)] if keys else []

        return self._remove(site_id, find)

    def delete_visit(self, site_id: int, visitor_id: str, visit_id: str) -> int:
        """Delete the events of a visitor's visit and return their number: 0 if it is another's."""
        from askfirst.store.warehouse.lookups import visit_keys  # noqa: PLC0415
        from askfirst.store.warehouse.summaries.removal import of_visit  # noqa: PLC0415

        digits = stored_id(visit_id, FORMS["visit_id"])

        def find(reader: Reader, side: int) -> list[Removal]:
            visits = visit_keys(reader, self.dialect, side, digits)
            visitors = self._visitors(reader, side, visitor_id)
            return [of_visit(side, one, visit) for one in visitors for visit in visits]

        return self._remove(site_id, find)

    def delete_span(self, site_id: int, visitor_id: str, start: int, end: int) -> int:
        """Delete a visitor's events from a time to another, not included; return their number.

        Both times are milliseconds since the epoch.
        """
        from askfirst.store.warehouse.summaries.removal import of_span  # noqa: PLC0415

        def find(reader: Reader, side: int) -> list[Removal]:
            visitors = self._visitors(reader, side, visitor_id)
            return [of_span(side, one, start, end) for one in visitors]

        return self._remove(site_id, find)

    def delete_before(self, site_id: int, time: datetime, version: int | None = None) -> int:
        """Delete a site's events older than a UTC time and return their number.

        With `version`, only those recorded under this version of its policy.
        """
        return sum(self._delete_before(side, time, version) for side in sides_of(site_id))

    def _delete_before(self, site_id: int, time: datetime, version: int | None) -> int:
        end = round(time.replace(tzinfo=UTC).timestamp() * 1000)
        first = self.engine.first_time(site_id)
        if first is None or first >= end:
            return 0  # as nearly always, and what follows loads Ibis
        from askfirst.store.warehouse.summaries.removal import of_before, of_version  # noqa: PLC0415

        if version is None:
            return self._delete(partial(_unread, of_before(site_id, end)))
        return self._delete(lambda source: of_version(source, site_id, version, end))

    def delete_site(self, site_id: int) -> int:
        """Delete everything of a site and return the number of its events."""
        from askfirst.store.warehouse.summaries.deleting import delete_site  # noqa: PLC0415

        changes = [partial(delete_site, site=side) for side in sides_of(site_id)]
        return sum(self._change(change) for change in changes)

    def _visitors(self, reader: Reader, side: int, visitor_id: str) -> list[int]:
        from askfirst.store.warehouse.lookups import visitor_keys  # noqa: PLC0415

        digits = stored_id(visitor_id, FORMS["visitor_id"])
        return visitor_keys(reader, self.dialect, side, digits)

    def _remove(self, site_id: int, find: Find) -> int:
        """Delete what is found on both sides of a site; nothing where there is none."""
        with self._writing:
            self.engine.settle()  # what an interrupted batch has left may be what is to be deleted
            with self.reading() as reader:
                removals = [one for side in sides_of(site_id) for one in find(reader, side)]
        return sum(self._delete(partial(_unread, removal)) for removal in removals)

    def _delete(self, removal_of: Callable[[Source], Removal]) -> int:
        from askfirst.store.warehouse.summaries.deleting import delete  # noqa: PLC0415

        return self._change(lambda source: delete(source, removal_of(source)))
