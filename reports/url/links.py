"""Addresses of report pages: they hold every choice, so that they can be shared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from reports.formatting.dates import span_of
from reports.url.periods import GRAINS, PERIODS, Period

_OF_PERIOD = ("period", "from", "to", "by", "page", "edit")


@dataclass(frozen=True)
class Link:
    """A choice that is a link; `current` marks the one that is taken."""

    text: str
    href: str
    current: bool = False


@dataclass(frozen=True)
class Address:
    """The path and query of a page, from which the addresses of its links are made."""

    path: str
    query: Mapping[str, str] = field(default_factory=dict)

    def with_(self, **changes: str | None) -> str:
        """Return the address with some fields set, or removed where they are None."""
        asked = {name.rstrip("_"): value for name, value in changes.items()}
        merged = {**self.query, **asked}
        kept = {name: value for name, value in merged.items() if value is not None}
        return f"{self.path}?{urlencode(kept)}" if kept else self.path


@dataclass(frozen=True)
class PeriodNav:
    """The menu that chooses a period."""

    label: str
    """The name of the shown period."""
    dates: str
    """Its days, in words."""
    action: str
    """Where the form for chosen days is sent."""
    kept: Mapping[str, str]
    """The other fields of the address, which the form keeps."""
    first: str
    """The first day, as YYYY-MM-DD."""
    last: str
    """The last day, as YYYY-MM-DD."""
    choices: tuple[Link, ...]
    """The named periods."""


def period_query(period: Period, query: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that choose the period, as they are in the address."""
    names = ("period", "from", "to") if period.name == "custom" else ("period",)
    return {name: query[name] for name in names if name in query}


def period_nav(address: Address, period: Period) -> PeriodNav:
    """Build the menu of periods; its links drop the step, because another length needs another."""
    choices = tuple(
        Link(
            text,
            address.with_(period=name, from_=None, to=None, by=None, page=None),
            name == period.name,
        )
        for name, text in PERIODS.items()
        if name != "custom"
    )
    return PeriodNav(
        label=PERIODS[period.name],
        dates=dates_of(period),
        action=address.path,
        kept={name: value for name, value in address.query.items() if name not in _OF_PERIOD},
        first=period.first.isoformat(),
        last=period.last.isoformat(),
        choices=choices,
    )


def dates_of(period: Period) -> str:
    """Write the first and the last day of a period."""
    return span_of(period.first, period.last, period.local_now.date())


def grain_links(address: Address, period: Period) -> tuple[Link, ...]:
    """Return links to the steps of the chart that make sense for the period."""
    return tuple(
        Link(GRAINS[name], address.with_(by=name), name == period.by) for name in period.grains
    )
