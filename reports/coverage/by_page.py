"""Which share of its loads was recorded of each page that is counted by name."""

from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from askfirst.local_days import as_date
from askfirst.rules.applying import ruled
from askfirst.store.ledger.choice_counts import LOADED, ChoiceCount
from askfirst.store.warehouse.compiled import Text
from reports.coverage.by_day import utc_window
from reports.coverage.estimate import share_range
from reports.dependencies import Dependencies
from reports.questions.cards.page_days import page_days
from reports.questions.scope import raw
from reports.url.asking import Asked, answered
from reports.url.report_view import ReportView

MOST_PAGES = 100


@dataclass(frozen=True)
class PageShare:
    """A page, its loads counted by name, and between which shares of its loads were recorded."""

    page: str
    loads: int
    share: tuple[float, float] | None


async def covered_pages(
    deps: Dependencies,
    view: ReportView,
    counts: Sequence[ChoiceCount],
    smallest: int,
    without: Container[date],
) -> tuple[PageShare, ...]:
    """Return the pages with the most loads; `smallest` is from how many a page has a name.

    Loads are counted by the path as it is. A page that rules for the reports leave out, or count
    together with others, has no share: its loads are not those of what the reports call so. Nor is
    there one of the days `without`, on which logs brought views of pages that load no tag.
    """
    days: dict[str, dict[date, int]] = defaultdict(dict)
    unlike: set[str] = set()
    for one in counts:
        if one.kind == LOADED and one.page:
            made = ruled(one.page, view.site.report_rules, "", "")
            day = date.fromisoformat(one.day)
            days[made.path][day] = days[made.path].get(day, 0) + one.times
            unlike |= {made.path} if made.path != one.page or made.excluded else set()
    pages = sorted(days, key=lambda page: (-sum(days[page].values()), page))[:MOST_PAGES]
    if not pages:
        return ()
    views = await answered(deps, view, lambda asked: _views(asked, view, pages))
    return tuple(
        PageShare(
            page=page,
            loads=sum(days[page].values()),
            share=None
            if page in unlike
            else share_range(
                sum(views.get((page, day), 0) for day in known),
                sum(days[page][day] for day in known),
                (smallest - 1) * len(known),
            ),
        )
        for page in pages
        for known in ([day for day in days[page] if day not in without],)
    )


async def _views(
    asked: Asked, view: ReportView, pages: Sequence[str]
) -> Mapping[tuple[str, date], int]:
    """Return the views of each page on each UTC day, also those that the reports leave out."""
    found: Counter[tuple[str, date]] = Counter()
    scope, texts = raw(asked.scope(utc_window(view.period))), tuple(map(Text, pages))
    left_out = replace(scope, site_id=-scope.site_id)
    for frame in (
        await asked.ask(page_days, scope, texts),
        await asked.ask(page_days, left_out, texts, True),
    ):
        for name, day, views in frame[["name", "day", "views"]].itertuples(index=False):
            found[str(name), as_date(int(day))] += int(views)
    return found
