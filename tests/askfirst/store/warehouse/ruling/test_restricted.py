"""A visitor who restricts the use is in no report, as if not there, and comes back exactly."""

from contextlib import closing

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askfirst.columns import EVENT_COLUMNS
from askfirst.rules.applying import BY_ADDRESS, BY_OTHER, BY_VISITOR, RESTRICTED
from askfirst.rules.report_rules import NO_RULES, ReportRules
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.logical.sides import by_rule
from askfirst.store.warehouse.ruling.asked import Asked
from askfirst.store.warehouse.warehouse import Warehouse
from tests.askfirst.store.warehouse.amount import examples
from tests.askfirst.store.warehouse.closing import close_days
from tests.askfirst.store.warehouse.ruling.test_rewriting import (
    ALL,
    CLOSED,
    EVER,
    HAPPENED,
    OWN,
    RULES,
    SEVERAL,
    counted,
    opened,
    rows_of,
    seen,
    stored_under,
    told,
)
from tests.askfirst.store.warehouse.streams import hex_of

A = frozenset({hex_of("a")})
B = frozenset({hex_of("b")})


def follow(warehouse, rules, visitors=frozenset(), restricted=frozenset()):
    while warehouse.apply_rules(Asked(1, rules, visitors, restricted)):
        pass
    close_days(warehouse, 1, "UTC", CLOSED)


@settings(
    max_examples=examples(2, 100), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(HAPPENED, RULES, RULES, st.sampled_from((frozenset(), frozenset({OWN}))))
def test_law_6_restricting_and_lifting_leave_all_sums_as_if_made_anew(
    tmp_path_factory, happened, before, after, visitors
):
    rows, folder = rows_of(happened), tmp_path_factory.mktemp("restricted")
    warehouse = stored_under(opened(folder / "changed"), rows, before)
    anew = stored_under(opened(folder / "held"), rows, after, visitors, A)
    never = stored_under(opened(folder / "never"), rows, after, visitors)

    follow(warehouse, after, visitors, A)
    assert seen(warehouse) == seen(anew)
    assert not [one for one in A if one in set(counting(warehouse))]
    follow(warehouse, after, visitors)
    assert seen(warehouse) == seen(never)
    for one in (warehouse, anew, never):
        one.close()


def counting(warehouse):
    """Return the visitors whose events count in the reports."""
    return [
        one.replace("-", "")
        for one in warehouse.events_of_period(1, *EVER)["visitor_id"].to_pylist()
    ]


def test_law_6_both_engines_leave_a_restricted_visitor_out_and_bring_the_visitor_back(open_engine):
    with open_engine() as engine:
        warehouse = Warehouse(engine)
        columns = {name: [row[name] for row in SEVERAL] for name in EVENT_COLUMNS}
        warehouse.append(batch_of(columns), "journal", 1)
        first, figures = told(warehouse), counted(warehouse)
        while warehouse.apply_rules(Asked(1, NO_RULES, frozenset(), B)):
            pass
        held, fewer = told(warehouse), counted(warehouse)
        by = warehouse.ask(by_rule, 1, *EVER).to_dict("records")
        warehouse.set_left_out(1, "prefetch", left_out=False)
        still = counted(warehouse)
        warehouse.set_left_out(1, "prefetch", left_out=True)
        while warehouse.apply_rules(Asked(1, NO_RULES)):
            pass
        last, again = told(warehouse), counted(warehouse)

    oneself = [RESTRICTED, RESTRICTED, RESTRICTED + BY_OTHER]
    assert [one[4] for one in held] == [0, 0, 0, oneself[0], 0, oneself[1], oneself[2]]
    assert (figures[2] - fewer[2], still, by) == (2, fewer, [])
    assert (last, again) == (first, figures)


def test_an_owners_switch_neither_lifts_a_restriction_nor_is_lost_by_it(tmp_path):
    own = frozenset({OWN})
    with closing(opened(tmp_path / "one")) as warehouse:
        stored_under(warehouse, SEVERAL, ALL, own, own | B)
        both = {one[4] for one in told(warehouse)}
        follow(warehouse, NO_RULES, frozenset(), own | B)
        switched = counted(warehouse)
        shown = warehouse.preview_rules(Asked(1, NO_RULES, frozenset(), own | B), *EVER)
        follow(warehouse, ALL, own)
        lifted = [one[4] for one in told(warehouse)]
    with closing(opened(tmp_path / "other")) as other:
        expected = [one[4] for one in told(stored_under(other, SEVERAL, ALL, own))]

    assert {RESTRICTED + BY_VISITOR, RESTRICTED + BY_ADDRESS} <= both
    assert (switched[0], switched[2]) == (1, 3)
    assert (shown.all_views, shown.all_left_out) == (3, 0)
    assert lifted == expected


def test_an_address_that_was_shortened_while_restricted_is_still_left_out(tmp_path):
    rules = ReportRules(exclude_addresses=("192.0.2.7",))
    shortened = [
        {**row, "ip": "192.0.2.0" if row["ip"] == "192.0.2.7" else row["ip"]} for row in SEVERAL
    ]
    with closing(opened(tmp_path / "one")) as warehouse:
        columns = {name: [row[name] for row in shortened] for name in EVENT_COLUMNS}
        columns["site_id"] = [-1 if row["visitor_id"] == hex_of("b") else 1 for row in shortened]
        columns["excluded"] = [
            RESTRICTED + BY_ADDRESS * (row["ip"] == "192.0.2.0")
            if row["visitor_id"] == hex_of("b")
            else 0
            for row in shortened
        ]
        warehouse.append(batch_of(columns), "journal", 1)
        follow(warehouse, rules)
        assert [one[4] for one in told(warehouse)][3] == BY_ADDRESS
