"""What the questions about paths and return should answer, in plain Python, by definitions.md."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from tests.askfirst.store.warehouse import oracle
from tests.askfirst.store.warehouse.oracle import EVERYTHING, Row, Segment, Visit, Window

Step = tuple[str, bool]
"""A path, or with True the address of a link."""


def steps_of(visit: Visit, with_links: bool = True) -> list[Step]:
    """Return the steps of a visit; one that is repeated at once is one step."""
    found: list[Step] = []
    for event in visit.events:
        if event["kind"] == "page_view":
            step = (event["path"], False)
        elif with_links and event["kind"] == "link_click" and event["link_kind"] != "internal":
            step = (event["link_url"], True)
        else:
            continue
        if found[-1:] != [step]:
            found.append(step)
    return found


def begun(rows: Iterable[Row], window: Window, segment: Segment = EVERYTHING) -> list[Visit]:
    return oracle.counted(rows, window, segment)[1]


Sides = tuple[Counter[Step | None], Counter[Step | None]]


def flow(
    rows: Iterable[Row],
    window: Window,
    page: str,
    segment: Segment = EVERYTHING,
    with_links: bool = True,
) -> Sides:
    """Count the steps before and after each step onto a page; None is nothing."""
    before: Counter[Step | None] = Counter()
    after: Counter[Step | None] = Counter()
    for visit in begun(rows, window, segment):
        for one, two in pairwise([None, *steps_of(visit, with_links), None]):
            before[one] += two == (page, False)
            after[two] += one == (page, False)
    return +before, +after


def seen(
    rows: Iterable[Row], window: Window, page: str, segment: Segment = EVERYTHING
) -> tuple[int, int]:
    """Return the number of visits with a page, and of their visitors."""
    having = [v for v in begun(rows, window, segment) if (page, False) in steps_of(v)]
    return len(having), len({visit.visitor for visit in having})


def used_paths(
    rows: Iterable[Row],
    window: Window,
    length: int,
    segment: Segment = EVERYTHING,
    with_links: bool = True,
) -> dict[tuple[Step, ...], tuple[int, int]]:
    """Return visits and visitors of each path of so many steps."""
    found: dict[tuple[Step, ...], list[Visit]] = defaultdict(list)
    for visit in begun(rows, window, segment):
        steps = steps_of(visit, with_links)
        runs = {tuple(steps[n : n + length]) for n in range(len(steps) - length + 1)}
        for run in runs:
            found[run].append(visit)
    return {run: (len(v), len({one.visitor for one in v})) for run, v in found.items()}


def _starts(rows: Sequence[Row], window: Window) -> dict[str, list[datetime]]:
    """Return when the visits of each visitor began, up to the end of the window."""
    found = defaultdict(list)
    for visit in oracle.visits_of(rows, window.site_id):
        if visit.begin < window.end:
            found[visit.visitor].append(visit.begin)
    return found


def cohorts(
    rows: Sequence[Row], window: Window, by: str, zone: str, segment: Segment = EVERYTHING
) -> dict[tuple[datetime | None, datetime], int]:
    """Return the visitors of each cohort and step; None: those whose first visit does not count."""
    ever = {visitor: min(starts) for visitor, starts in _starts(rows, window).items()}
    came = defaultdict(set)
    for visit in begun(rows, window, segment):
        came[visit.visitor].add(visit.begin)
    cells: Counter[tuple[datetime | None, datetime]] = Counter()
    for visitor, starts in came.items():
        first = ever[visitor]
        cohort = oracle.step(first, by, zone) if first in starts else None
        for one in {oracle.step(start, by, zone) for start in starts}:
            cells[cohort, one] += 1
    return dict(cells)


def visits_each(
    rows: Iterable[Row], window: Window, segment: Segment = EVERYTHING
) -> dict[int, int]:
    """Return how many visitors had so many visits."""
    return dict(Counter(Counter(v.visitor for v in begun(rows, window, segment)).values()))


def between_visits(
    rows: Sequence[Row], window: Window, segment: Segment = EVERYTHING
) -> dict[int, int]:
    """Return how many visits began so many whole days after the visit before."""
    every, found = _starts(rows, window), Counter[int]()
    for visitor, begin in {(v.visitor, v.begin) for v in begun(rows, window, segment)}:
        earlier = [start for start in every[visitor] if start < begin]
        if earlier:
            found[(begin - max(earlier)) // timedelta(days=1)] += 1
    return dict(found)
