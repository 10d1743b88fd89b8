"""What deletes from the warehouse: a visitor, a visit, a span, what is too old, a site."""

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


Find = Callable[["Reader", str, int, str], list[int]]
"""Finds the keys of an id: of a reader, its dialect, a site and the 32 digits that are stored."""


def _unread(removal: Removal, _source: Source) -> Removal:
    """Return a removal that needs nothing read."""
    return removal


class Deletions(Changes):
    """The part of `Warehouse` that deletes, exactly in summaries too."""

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
        removals = [of_span(side, *times) for side in sides_of(site_id)]
        return sum(self._delete(partial(_unread, one)) for one in removals)

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

    def _remove(
        self, find: Find, of: Callable[[int, int], Removal], site_id: int, digits: str
    ) -> int:
        """Delete the events of what an id stands for; nothing where it is not known."""
        with self._writing:
            self.engine.settle()  # what an interrupted batch has left may be what is to be deleted
            with self.reading() as reader:
                found = {one: find(reader, self.dialect, one, digits) for one in sides_of(site_id)}
        removals = [of(side, key) for side, keys in found.items() for key in keys]
        return sum(self._delete(partial(_unread, removal)) for removal in removals)

    def _delete(self, removal_of: Callable[[Source], Removal]) -> int:
        from askfirst.store.warehouse.summaries.deleting import delete  # noqa: PLC0415

        return self._change(lambda source: delete(source, removal_of(source)))
