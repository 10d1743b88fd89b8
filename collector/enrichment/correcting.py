"""What visitors have corrected, applied to a batch: events that come late follow it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC
from typing import TYPE_CHECKING, Any

from askfirst.rules.corrections import corrected
from askfirst.sites import Site

if TYPE_CHECKING:
    import pyarrow as pa


def apply_corrections(batch: pa.Table, site_of: Callable[[int], Site | None]) -> pa.Table:
    """Return a batch, to which no owner's rules are applied yet, as its visitors have corrected it.

    Sites without corrections cost one look each.
    """
    found = {number: site_of(abs(number)) for number in batch["site_id"].unique().to_pylist()}
    sites = {number: site for number, site in found.items() if site and site.corrections}
    changed = dict(_changed(batch, sites)) if sites else {}
    for name in dict.fromkeys(name for one in changed.values() for name in one):
        batch = _with(
            batch, name, {place: one[name] for place, one in changed.items() if name in one}
        )
    return batch


def _changed(batch: pa.Table, sites: dict[int, Site]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the place of each event that is corrected, with its changed columns."""
    senders = zip(batch["site_id"].to_pylist(), batch["visitor_id"].to_pylist(), strict=True)
    for place, (number, visitor_id) in enumerate(senders):
        known = sites[number].corrections.get(visitor_id) if number in sites else None
        if known:
            row = batch.slice(place, 1).to_pylist()[0]
            time = round(row["time"].replace(tzinfo=UTC).timestamp() * 1000)
            if changed := corrected(row, time, known):
                yield place, changed


def _with(batch: pa.Table, name: str, values: dict[int, Any]) -> pa.Table:
    """Return a batch with other values of a column at some places."""
    import pyarrow as pa  # noqa: PLC0415 - it takes 0.2 s

    column = batch[name].to_pylist()
    for place, value in values.items():
        column[place] = value
    at = batch.schema.get_field_index(name)
    return batch.set_column(at, name, pa.array(column, pa.string()))
