"""Moving events from one side of a site to the other: what is left out, and what counts again.

Events move whole and one by one: those of a visit whose profiles do not say what is asked for stay
where they are, so a visit may be split. Its parts keep its id, and are one visit again when they
move back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from askfirst.store.warehouse.batches import ARROW_SCHEMA
from askfirst.store.warehouse.lookups import other_ids, text_key
from askfirst.store.warehouse.summaries.removal import Removal, going, of_profiles_saying
from askfirst.store.warehouse.summaries.source import parameter

if TYPE_CHECKING:
    from askfirst.store.warehouse.summaries.history import Condition
    from askfirst.store.warehouse.summaries.source import Source


AT_ONCE = 100_000
"""How many events of the visitors are looked at in one part, about: they are held as texts."""


def next_part(source: Source, site: int, column: str, text: str) -> Removal | None:
    """Return the removal of some of the events that say so, or None where there is none.

    Those of one visitor are all in one part.
    """
    key = text_key(source.reader, source.dialect, column, text)
    if key is None:
        return None
    every = of_profiles_saying(source, site, column, key, (1, 0))
    touched, events = every.visitors.events(source)
    if not events:
        return None
    parts = 1 + touched // AT_ONCE
    some = source.one(_first_part, every.goes, wanted=parts, **every.parameters)["part"]
    return of_profiles_saying(source, site, column, key, (parts, int(some)))


def _first_part(goes: Condition) -> Any:
    events = going(goes)
    return events.agg(part=(events.visitor % parameter("wanted")).min())


def moved_rows(source: Source, removal: Removal, to: int) -> pa.Table:
    """Return the events of a removal as a batch of another number."""
    from askfirst.store.warehouse.logical import rows  # noqa: PLC0415 - Ibis takes half a second

    found = source.rows(_rows, removal.goes, **removal.parameters)
    source.keep(rows.WANTED, rows.wanted_texts(found), rows.WANTED_TYPES)
    texts = source.rows(rows.texts_wanted)
    batch = rows.text_rows(found, texts, other_ids(source.reader, source.dialect))
    sites = pa.repeat(pa.scalar(to, pa.int32()), batch.num_rows)
    place = batch.schema.get_field_index("site_id")
    return batch.set_column(place, "site_id", sites).cast(ARROW_SCHEMA)


def _rows(goes: Condition) -> Any:
    from askfirst.store.warehouse.logical.rows import as_rows  # noqa: PLC0415 - see above

    return as_rows(going(goes))
