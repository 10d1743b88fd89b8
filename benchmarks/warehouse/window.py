"""The windows that are asked about: the last days of a generated warehouse, today among them."""

from dataclasses import dataclass

from askfirst.local_days import Offsets, day_start, local_day, offsets
from askfirst.store.warehouse.logical.scope import Scope, Summarised, scope_between
from benchmarks.load.warehouse_rows import SITE

ZONE = "Europe/Berlin"


@dataclass(frozen=True)
class Asked:
    """A period up to now, and as many whole days before it; times are in ms."""

    before: Scope
    period: Scope
    offsets: Offsets

    @property
    def both(self) -> Scope:
        """Return the scope of the period and the one before, which filters look through once."""
        return scope_between(SITE, self.before.start, self.period.end)


def asked(days: int, now: int, summarised: Summarised) -> Asked:
    """Return what a page of the last `days` local days asks about, the running day included."""
    first = local_day(now - 1, ZONE) - days + 1
    start, before = day_start(first, ZONE), day_start(first - days, ZONE)
    return Asked(
        scope_between(SITE, before, start, ZONE, summarised),
        scope_between(SITE, start, now, ZONE, summarised),
        offsets(start, now, ZONE),
    )
