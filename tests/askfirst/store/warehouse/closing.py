"""Days of a site, closed by the warehouse's own folding."""

from askfirst.local_days import day_start
from askfirst.store.warehouse.summaries.closed_days import CLOSES_AFTER_MS
from askfirst.store.warehouse.warehouse import Warehouse


def close_days(warehouse: Warehouse, site: int, zone: str, until: int) -> None:
    """Close the local days of a site before `until`."""
    close_days_at(warehouse, site, zone, day_start(until, zone) + CLOSES_AFTER_MS)


def close_days_at(warehouse: Warehouse, site: int, zone: str, now: int) -> None:
    """Close the days that can be closed at a time (milliseconds since the epoch)."""
    while warehouse.fold(site, zone, now):
        pass
