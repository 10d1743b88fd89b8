"""Which share of page loads was recorded, by the browser's language and by where it was counted."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from askfirst.local_days import as_date
from askfirst.store.ledger.choice_counts import ACCEPTED, LOADED, SHOWN, ChoiceCount
from askfirst.store.ledger.load_counts import LOG, LOG_RECORDED, TAG, LoadCount
from askfirst.store.warehouse.filters.conditions import columns_for
from reports.coverage.by_day import utc_window
from reports.coverage.estimate import share_range
from reports.dependencies import Dependencies
from reports.figures.consent_rate import from_logs_by_day
from reports.questions.cards.language_days import language_days
from reports.questions.scope import raw
from reports.url.asking import Asked, answered
from reports.url.report_view import ReportView

MOST_LANGUAGES = 100


@dataclass(frozen=True)
class LanguageShare:
    """A language, its loads counted by name, and between which shares of them were recorded."""

    language: str
    loads: int
    share: tuple[float, float] | None


@dataclass(frozen=True)
class SourceShare:
    """Where something is counted: how often it was, and how much of it was recorded or agreed to.

    `share` is None where it cannot be told.
    """

    source: str
    counted: int
    recorded: int

    @property
    def share(self) -> float | None:
        """The share recorded."""
        return self.recorded / self.counted if 0 < self.recorded <= self.counted else None


async def loads_of(deps: Dependencies, view: ReportView) -> list[LoadCount]:
    """Return the loads of a period by day, source and language."""
    first, last = view.period.utc_days
    return await deps.counts.loads.read(view.site.id, str(first), str(last))


async def covered_languages(
    deps: Dependencies, view: ReportView, counts: Sequence[LoadCount], smallest: int
) -> tuple[LanguageShare, ...]:
    """Return the languages with the most loads; `smallest` is from how many one has a name.

    Languages are told without their region. There is no share of days on which no view was
    recorded with a language, as where the policy does not have it, nor of days on which logs
    brought views of pages that load no tag.
    """
    days: dict[str, Counter[date]] = defaultdict(Counter)
    for one in counts:
        if one.source == TAG and one.language:
            days[one.language][date.fromisoformat(one.day)] += one.times
    languages = sorted(days, key=lambda name: (-days[name].total(), name))[:MOST_LANGUAGES]
    if not languages:
        return ()
    views = await answered(deps, view, lambda asked: _views(asked, view))
    told = {day for (name, day), times in views.items() if name and times} - log_days(counts)
    return tuple(_share(name, days[name], views, told, smallest) for name in languages)


def _share(
    name: str,
    loads: Counter[date],
    views: Mapping[tuple[str, date], int],
    told: set[date],
    smallest: int,
) -> LanguageShare:
    known = [day for day in loads if day in told]
    share = share_range(
        sum(views.get((name, day), 0) for day in known),
        sum(loads[day] for day in known),
        (smallest - 1) * len(known),
    )
    return LanguageShare(name, loads.total(), share)


async def _views(asked: Asked, view: ReportView) -> Mapping[tuple[str, date], int]:
    """Return the views of each language on each UTC day, also those that the reports leave out."""
    found: Counter[tuple[str, date]] = Counter()
    if "language" not in columns_for(view.site):
        return found
    scope = raw(asked.scope(utc_window(view.period)))
    left_out = replace(scope, site_id=-scope.site_id)
    for frame in (
        await asked.ask(language_days, scope),
        await asked.ask(language_days, left_out, True),
    ):
        for name, day, views in frame[["name", "day", "views"]].itertuples(index=False):
            found[str(name).partition("-")[0], as_date(int(day))] += int(views)
    return found


def log_days(loads: Sequence[LoadCount]) -> frozenset[date]:
    """Return the UTC days of which views were imported from logs."""
    return frozenset(from_logs_by_day(loads))


def covered_sources(
    loads: Sequence[LoadCount], choices: Sequence[ChoiceCount], recorded: int
) -> tuple[SourceShare, ...]:
    """Return what the tag, the banner and imported logs count.

    `recorded` are all page views but those of logs: they belong to the tag, or a site's backend.
    Of banners the yeses count. A source that counted nothing is left out.
    """
    at: Counter[str] = Counter()
    for load in loads:
        at[load.source] += load.times
    for choice in choices:
        at[choice.kind] += choice.times
    found = (
        SourceShare("tag", at[LOADED], recorded),
        SourceShare("banner", at[SHOWN], at[ACCEPTED]),
        SourceShare("log", at[LOG], at[LOG_RECORDED]),
    )
    return tuple(one for one in found if one.counted)
