"""The room that is left: what staff see of the disk and of the ceilings, on the list of sites."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from askfirst.sites import Site
from reports.dependencies import StorageView

STORES = {
    "ledger": "Consents, accounts and counts",
    "journal": "Events on their way",
    "warehouse": "Events",
}
"""What each store holds, in plain words."""


@dataclass(frozen=True)
class AtCeiling:
    """A site of which nothing more is taken today, of `what`, since a time in milliseconds."""

    name: str
    what: str
    since: int


@dataclass(frozen=True)
class Room:
    """What the page shows: sizes in words, of the disk and by store, and times in milliseconds.

    `reserve` is how much has to be free, '' where no reserve is set. `too_fast` is how many
    requests were turned away today because too many came.
    """

    free: str
    reserve: str
    stores: Mapping[str, str]
    at_ceiling: tuple[AtCeiling, ...]
    too_fast: int


def room(view: StorageView | None, sites: Iterable[Site], now: int, too_fast: int) -> Room | None:
    """Return what is shown, or None where nothing is known."""
    if view is None:
        return None
    figure, names = view.figure(), {site.id: site.name for site in sites}
    kinds = (("events", view.events_reached(now)), ("yeses", view.choices_reached(now)))
    return Room(
        free="unknown" if figure.free is None else in_bytes(figure.free),
        reserve=in_bytes(figure.reserve) if figure.reserve else "",
        stores={STORES.get(name, name): in_bytes(size) for name, size in figure.sizes.items()},
        at_ceiling=tuple(
            AtCeiling(names.get(site_id, ""), what, since)
            for what, reached in kinds
            for site_id, since in reached.items()
        ),
        too_fast=too_fast,
    )


def in_bytes(size: int) -> str:
    """Write a size for people, e.g. `640 kB`, `84 MB` or `1.2 GB`."""
    for unit, of in (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000)):
        if size >= of:
            return f"{size / of:.1f} {unit}" if size < 10 * of else f"{size // of:,} {unit}"
    return f"{size} B"
