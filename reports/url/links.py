"""Addresses of report pages: they hold every choice, so that they can be shared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from reports.formatting.dates import span_of
from reports.url.comparing import FIELDS, compared_days, label_of, weight_of
from reports.url.periods import GRAINS, PERIODS, Period

_OF_DAYS = ("period", "from", "to", "by", "page", "before")
_NEVER_KEPT = ("edit", "replaces")
KEYS = {
    "today": "T",
    "yesterday": "Y",
    "7d": "W",
    "30d": "M",
    "month": "K",
    "12m": "L",
    "all": "A",
}
"""The keys that choose a named period."""


@dataclass(frozen=True)
class Link:
    """A choice that is a link; `current` marks the one that is taken.

    `note` is what stands behind the words, `key` what chooses it on a keyboard.
    """

    text: str
    href: str
    current: bool = False
    note: str = ""
    key: str = ""


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
    """The fields of the address that do not choose the period, which the form keeps."""
    first: str
    """The first day, as YYYY-MM-DD."""
    last: str
    """The last day, as YYYY-MM-DD."""
    choices: tuple[Link, ...]
    """The named periods."""
    against: "AgainstNav | None" = None
    """The menu that chooses a comparison; None where the page compares nothing."""


@dataclass(frozen=True)
class AgainstNav:
    """The menu that chooses with which days a period is compared."""

    label: str
    """The name of the chosen comparison."""
    action: str
    """Where the form for any other days is sent."""
    kept: Mapping[str, str]
    """The other fields of the address, which the form keeps."""
    first: str
    """The first compared day, as YYYY-MM-DD, or ''."""
    last: str
    """The last compared day, as YYYY-MM-DD, or ''."""
    dates: str
    """The compared days, in words; '' without any."""
    choices: tuple[Link, ...]
    """The comparisons that need no days."""
    turned: str
    """The address without a comparison, or with the usual one where there is none."""


def period_query(period: Period, query: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that choose the period and its comparison, as they are in the address."""
    names = ["period", *(("from", "to") if period.name == "custom" else ())]
    names += FIELDS if period.against.name == "custom" else ["against"]
    return {name: query[name] for name in names if name in query}


def period_nav(address: Address, period: Period, compares: bool = False) -> PeriodNav:
    """Build the menu of periods; its links drop the step, because another length needs another.

    `compares` says that the page shows a comparison, so that it has the menu for that as well.
    """
    choices = tuple(
        Link(
            text,
            address.with_(period=name, from_=None, to=None, by=None, page=None),
            name == period.name,
            key=KEYS.get(name, ""),
        )
        for name, text in PERIODS.items()
        if name != "custom"
    )
    return PeriodNav(
        label=PERIODS[period.name],
        dates=dates_of(period),
        action=address.path,
        kept=_kept(address, _OF_DAYS),
        first=period.first.isoformat(),
        last=period.last.isoformat(),
        choices=choices,
        against=_against_nav(address, period) if compares else None,
    )


def _kept(address: Address, but: tuple[str, ...]) -> dict[str, str]:
    left_out = {*but, *_NEVER_KEPT}
    return {name: text for name, text in address.query.items() if name not in left_out}


def _against_nav(address: Address, period: Period) -> AgainstNav:
    chosen = period.against
    turned = "before" if chosen.name == "none" else "none"
    return AgainstNav(
        label=label_of(chosen.name, period.days),
        action=address.path,
        kept=_kept(address, (*FIELDS, "page")),
        first=chosen.first.isoformat() if chosen.first else "",
        last=chosen.last.isoformat() if chosen.last else "",
        dates=dates_of(period.previous) if period.previous else "",
        choices=tuple(
            Link(
                label_of(name, period.days),
                _against(address, name),
                name == chosen.name,
                note=_dates_against(period, name),
            )
            for name in _offered(period)
        ),
        turned=_against(address, turned) if turned in _offered(period) else "",
    )


def _offered(period: Period) -> tuple[str, ...]:
    return ("none",) if period.name == "all" else ("before", "year", "none")


def _against(address: Address, name: str) -> str:
    return address.with_(
        against=None if name == "before" else name, against_from=None, against_to=None, page=None
    )


def _dates_against(period: Period, name: str) -> str:
    if name == "none":
        return ""
    days = compared_days(name, period.first, period.last)
    if days.first is None or days.last is None:
        return ""
    return span_of(days.first, days.last, period.local_now.date())


def compared_words(period: Period) -> str:
    """Write the days that a period is compared with, and what of them counts; '' without any."""
    same_time = ", up to the same time of day" if period.is_cut else ""
    return f"{charted_words(period)}{same_time}"


def charted_words(period: Period) -> str:
    """Write the days that stand behind the chart, where they are always whole; '' without any."""
    other = period.previous
    return f"{dates_of(other)}{_lengths(period, other)}" if other else ""


def _lengths(period: Period, other: Period) -> str:
    if other.days == period.days:
        return ""
    unit = "day" if other.days == 1 else "days"
    per_day = f", {other.days} {unit} against {period.days}, so counts are compared per day"
    if weight_of("visitors", period.weight):
        return per_day
    return f"{per_day}, but visitors not at all, as who comes on several of them counts once"


def dates_of(period: Period) -> str:
    """Write the first and the last day of a period."""
    return span_of(period.first, period.last, period.local_now.date())


def grain_links(address: Address, period: Period) -> tuple[Link, ...]:
    """Return links to the steps of the chart that make sense for the period."""
    return tuple(
        Link(GRAINS[name], address.with_(by=name), name == period.by) for name in period.grains
    )
