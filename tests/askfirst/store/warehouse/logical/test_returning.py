"""Return: any stream, period and segment has what the definitions say, on both engines."""

from hypothesis import given
from hypothesis import strategies as st

from reports.questions.returning.between_visits import between_visits
from reports.questions.returning.cohorts import NO_COHORT, cohorts
from reports.questions.returning.visits_each import visits_each
from reports.url.periods import Window
from reports.url.steps import moment_of, shifts
from tests.askfirst.store.warehouse.filters.test_matching import ZONE, asked_streams
from tests.askfirst.store.warehouse.logical import paths_oracle as should
from tests.askfirst.store.warehouse.logical.drawn_pages import FEW, SEGMENTS, SEVERAL, asked


@FEW
@given(asked_streams(), SEGMENTS, SEVERAL, st.sampled_from(("day", "week", "month")))
def test_who_comes_back_and_when_is_what_the_definitions_say(
    open_engine, drawn, segment, paths, by
):
    with asked(open_engine, drawn, segment, paths, ["outbound"]) as (
        rows,
        window,
        page,
        scope,
        wanted,
    ):
        offsets = shifts(Window(window.start, window.end), ZONE, by)
        found = page.ask(cohorts, scope, by, offsets)
        cells = {
            (None if c == NO_COHORT else day(c), day(s)): n
            for c, s, n in zip(found["cohort"], found["step"], found["visitors"], strict=True)
        }
        assert cells == should.cohorts(rows, window, by, ZONE, wanted)
        found = page.ask(visits_each, scope)
        assert dict(found.to_numpy().tolist()) == should.visits_each(rows, window, wanted)
        found = page.ask(between_visits, scope)
        assert dict(found.to_numpy().tolist()) == should.between_visits(rows, window, wanted)


def day(number):
    return moment_of(int(number) * 86_400_000)
