"""Sums of money are exact on both engines, however large the amounts that visitors send are."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from askfirst.columns import EVENT_COLUMNS
from askfirst.store.ledger.goals import Deed
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.logical.scope import raw, scope_between
from askfirst.store.warehouse.warehouse import Warehouse
from reports.questions.figures_by.actions import amounts
from reports.questions.goals.goal_totals import goal_amounts
from reports.questions.goals.matchers import matcher_of
from reports.url.steps import ms_of
from tests.askfirst.store.warehouse.amount import examples
from tests.askfirst.store.warehouse.test_definitions import MONDAY, TUESDAY, at, events

DONATED = {"kind": "custom_event", "event_name": "donate"}
LARGEST = 2**63 - 1
FEW = settings(suppress_health_check=list(HealthCheck), max_examples=examples(3, 60))
paid = st.tuples(st.integers(-LARGEST, LARGEST), st.sampled_from(("EUR", "JPY")))


@pytest.fixture(scope="session")
def sums_of(open_engine):
    """Return what asks both questions: the sums by currency of the events and of a goal."""

    def found(given_amounts):
        sent = [{**DONATED, "amount": one, "currency": of} for one, of in given_amounts]
        rows = events(*((at(MONDAY, 12, 0), one) for one in sent))
        with open_engine() as engine:
            warehouse = Warehouse(engine)
            columns = {name: [row[name] for row in rows] for name in EVENT_COLUMNS}
            warehouse.append(batch_of(columns), "journal", 1)
            page, scope = warehouse.page(), raw(scope_between(1, ms_of(MONDAY), ms_of(TUESDAY)))
            goal = matcher_of(Deed("event", "donate"))
            asked = page.ask(amounts, scope), page.ask(goal_amounts, scope, (goal,))
            return [
                dict(zip(one["currency"], map(int, one["amount"]), strict=True)) for one in asked
            ]

    return found


@FEW
@given(st.lists(paid, min_size=1, max_size=6))
@example([(LARGEST, "EUR")] * 3 + [(-LARGEST, "JPY")] * 3)
@example([(2**53 + 1, "EUR"), (1, "JPY")])
def test_a_sum_is_that_of_the_amounts_to_the_last_digit(sums_of, given_amounts):
    expected = {
        of: sum(amount for amount, other in given_amounts if other == of)
        for of in {currency for _, currency in given_amounts}
    }
    assert sums_of(given_amounts) == [expected, expected]
