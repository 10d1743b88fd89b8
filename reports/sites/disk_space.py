"""What staff see of the disk and of the sites' ceilings, on the list of sites."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from askfirst.sites import Site
from reports.dependencies import StorageView
from reports.formatting.readers import decimal

STORES = {
    "ledger": "Consents, accounts and counts",
    "journal": "Events on their way",
    "warehouse": "Events",
}
"""What each store holds, in plain words."""


@dataclass(frozen=True)
class AtCeiling:
    """A site that takes no more of `what` today, since a time in milliseconds."""

    name: str
    what: str
    since: int


@dataclass(frozen=True)
class DiskSpace:
    """How much of the disk is free and taken, and which sites record no more today."""

    free: str
    """What is free, in words."""
    reserve: str
    """How much has to stay free for recording to go on; '' where no reserve is set."""
    stores: Mapping[str, str]
    """How much each store takes, in words, by what it holds."""
    at_ceiling: tuple[AtCeiling, ...]
    """The sites that have reached their ceiling of the day."""
    too_fast: int
    """How many requests were turned away today because too many came."""


def disk_space_of(
    view: StorageView | None, sites: Iterable[Site], now: int, too_fast: int
) -> DiskSpace | None:
    """Return what the page shows, or None where the server measures nothing."""
    if view is None:
        return None
    figure, names = view.figure(), {site.id: site.name for site in sites}
    kinds = (("events", view.events_reached(now)), ("yeses", view.choices_reached(now)))
    return DiskSpace(
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
            return f"{decimal(size / of, 1 if size < 10 * of else 0)} {unit}"
    return f"{size} B"
