"""The examples of definitions.md about steps and return, by the oracle and by the questions."""

from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from askfirst.columns import EVENT_COLUMNS
from askfirst.local_days import number_of
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.warehouse import Warehouse
from reports.paths.counting import flow_through, most_used
from reports.questions.returning.between_visits import between_visits
from reports.questions.returning.cohorts import NO_COHORT, cohorts
from reports.questions.scope import scope_between
from reports.url.steps import ms_of
from tests.askfirst.store.warehouse import oracle
from tests.askfirst.store.warehouse.logical import paths_oracle as should
from tests.askfirst.store.warehouse.logical.test_paths import runs_of, sides_of
from tests.askfirst.store.warehouse.test_definitions import SITE, events

FIRST = datetime(2025, 12, 1)  # noqa: DTZ001 - naive UTC, on clocks of UTC; a Monday
END = FIRST + timedelta(days=21)
WINDOW = oracle.Window(SITE, FIRST, END)
SHOP, NET = ("/shop", False), ("https://example.net/", True)
LINK = {"kind": "link_click", "link_url": NET[0], "link_kind": "outbound"}


@contextmanager
def page_of(rows):
    """Yield what answers questions about rows, and the scope of the period."""
    warehouse = Warehouse(Path(":memory:"))
    columns = {name: [row[name] for row in rows] for name in EVENT_COLUMNS}
    warehouse.append(batch_of(columns), "j", 1)
    yield warehouse.page(), scope_between(SITE, ms_of(FIRST), ms_of(END))
    warehouse.close()


def test_a_page_that_is_loaded_again_is_one_step_and_a_link_that_leads_out_is_one():
    views = [{"path": path} for path in ("/", "/shop", "/shop")]
    steps = [*views, LINK, {"path": "/shop"}, {"path": "/cart"}]
    rows = events(*((FIRST + timedelta(minutes=n), step) for n, step in enumerate(steps)))
    sides = [{("/", False): 1, NET: 1}, {NET: 1, ("/cart", False): 1}]
    runs = [(("/", False), SHOP, NET, SHOP), (SHOP, NET, SHOP, ("/cart", False))]
    assert list(should.flow(rows, WINDOW, "/shop")) == sides
    assert should.used_paths(rows, WINDOW, 4) == dict.fromkeys(runs, (1, 1))
    with page_of(rows) as (page, scope):
        assert sides_of(page, flow_through(page, [scope], 2, True)) == sides
        found = most_used(page, scope, "4", True, 10)
        assert sorted(runs_of(page, found, "4")) == sorted(runs)


def test_who_came_first_when_and_who_came_back_is_as_in_the_example():
    days = {"anna": (-11, 1), "bert": (2, 3), "cleo": (6, 7, 14)}
    came = [(FIRST + timedelta(days=n), who) for who, mine in days.items() for n in mine]
    rows = events(*((day, {"visitor_id": who, "consent_id": who}) for day, who in came))
    weeks = [number_of(date(2025, 12, day)) for day in (1, 8, 15)]
    cells = {
        (NO_COHORT, weeks[0]): 1,
        (weeks[0], weeks[0]): 2,
        (weeks[0], weeks[1]): 1,
        (weeks[0], weeks[2]): 1,
    }
    between = {1: 2, 7: 1, 12: 1}
    assert sorted(should.cohorts(rows, WINDOW, "week", "UTC").values()) == [1, 1, 1, 2]
    assert should.between_visits(rows, WINDOW) == between
    with page_of(rows) as (page, scope):
        found = page.ask(cohorts, scope, "week", ((None, 0),)).to_dict("records")
        assert {(one["cohort"], one["step"]): one["visitors"] for one in found} == cells
        found = page.ask(between_visits, scope)
        assert dict(found[["days", "visits"]].to_numpy().tolist()) == between
