"""What is stored is rewritten as the owner's rules say, as if they had always been there."""

from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askfirst.columns import EVENT_COLUMNS
from askfirst.local_days import local_day
from askfirst.rules.applying import BY_ADDRESS, BY_HOST, BY_PATH, BY_VISITOR
from askfirst.rules.report_rules import NO_RULES, ReportRules
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.logical.scope import scope_between
from askfirst.store.warehouse.logical.sides import by_rule
from askfirst.store.warehouse.ruling import rewriting
from askfirst.store.warehouse.ruling.asked import Asked
from askfirst.store.warehouse.warehouse import Warehouse
from collector.enrichment.ruling import apply_rules
from reports.questions.totals import totals
from tests.askfirst.store.warehouse.amount import examples
from tests.askfirst.store.warehouse.closing import close_days
from tests.askfirst.store.warehouse.streams import (
    DAY,
    MOMENTS,
    NOTHING,
    hex_of,
    id_of,
    naive,
    with_visits,
)
from tests.factories import a_site

BEGIN = MOMENTS[0]
CLOSED = local_day(BEGIN, "UTC") + 20
EVER = (BEGIN - 10 * DAY, BEGIN + 100 * DAY)
OWN = hex_of("own")
ALL = ReportRules(
    exclude_paths=("/admin*", "/product/9"),
    exclude_hosts=("*.staging.test",),
    exclude_addresses=("192.0.2.0/28",),
    group_paths=("/product/*", "/reset/:token"),
    index_files=True,
    trailing_slash=True,
    hosts=(("www.example.org", "example.org"),),
    sources=(("t.co", "X"), ("X", "t.co")),
)
PATHS = ("/", "/product/1", "/product/9", "/admin/", "/a/index.html", "/a/", "/a", "/reset/k")
HOSTS = ("example.org", "www.example.org", "b.staging.test")
RULES = st.sampled_from(
    (
        NO_RULES,
        ALL,
        ReportRules(group_paths=("/*",)),
        ReportRules(exclude_paths=("/product/*", "/admin*"), trailing_slash=True),
        ReportRules(exclude_addresses=("192.0.2.7",)),
        ReportRules(exclude_paths=("/*",), sources=(("t.co", "X"),)),
    )
)
HAPPENED = st.lists(
    st.fixed_dictionaries(
        {
            "visitor": st.sampled_from(("own", "a", "b")),
            "minutes": st.sampled_from((0, 1, 20, 700, 2000)),
            "path": st.sampled_from(PATHS),
            "host": st.sampled_from(HOSTS),
            "source": st.sampled_from(("", "t.co", "X")),
            "ip": st.sampled_from(("", "192.0.2.7", "198.51.100.7")),
            "bot_rule": st.sampled_from(("", "", "prefetch")),
        }
    ),
    min_size=1,
    max_size=10,
)


def rows_of(happened: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows, time = [], BEGIN
    for number, one in enumerate(happened):
        time += one["minutes"] * 60_000
        own = {name: one[name] for name in ("path", "host", "source", "ip", "bot_rule")}
        ids = {
            "site_id": 1,
            "event_id": id_of(number),
            "visitor_id": hex_of(one["visitor"]),
            "consent_id": hex_of(f"{one['visitor']}c"),
            "policy_version": 1,
        }
        rows.append({**NOTHING, **ids, "kind": "page_view", "time": naive(time), **own})
    with_visits(rows)
    for row in rows:
        row["site_id"] = -1 if row["bot_rule"] else 1
    return rows


def stored_under(
    warehouse, rows, rules: ReportRules, visitors=frozenset(), restricted=frozenset()
) -> Warehouse:
    """Return the warehouse to which the rows came under some rules, with its days closed."""
    site = a_site(
        id=1, report_rules=rules, left_out_visitors=visitors, restricted_visitors=restricted
    )
    for number, batch in enumerate((rows[: len(rows) // 2], rows[len(rows) // 2 :]), 1):
        columns = {name: [row[name] for row in batch] for name in EVENT_COLUMNS}
        warehouse.append(apply_rules(batch_of(columns), {1: site}.get), "journal", number)
    close_days(warehouse, 1, "UTC", CLOSED)
    return warehouse


def opened(path: Path) -> Warehouse:
    return Warehouse(DuckDBEngine(path))


def follow(warehouse: Warehouse, rules: ReportRules, visitors=frozenset()) -> int:
    asked, events = Asked(1, rules, visitors), 0
    while changed := warehouse.apply_rules(asked):
        events += changed
    return events


SUMS = """
SELECT "column", "text", site, dimension, day, 0 AS prev, sum(visits) AS a, sum(views) AS b,
  sum(bounces) AS c, sum(ms) AS d
FROM counts LEFT JOIN texts ON id = value AND "column" = CASE dimension
  WHEN 1 THEN 'path' WHEN 2 THEN 'path' WHEN 3 THEN 'path' WHEN 11 THEN 'source' ELSE '' END
GROUP BY ALL HAVING a <> 0 OR b <> 0 OR c <> 0 OR d <> 0
UNION ALL
SELECT "column", "text", site, dimension, day, prev, sum(visitors) AS a, 0, 0, 0
FROM gaps LEFT JOIN texts ON id = value AND "column" = CASE dimension
  WHEN 1 THEN 'path' WHEN 2 THEN 'path' WHEN 3 THEN 'path' WHEN 11 THEN 'source' ELSE '' END
GROUP BY ALL HAVING a <> 0
ORDER BY ALL
"""
"""Every summary, with the texts of what the rules can rename."""


def seen(warehouse: Warehouse) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that is stored, by texts, so that the keys do not matter."""
    events = warehouse.answer(
        "SELECT e.site, e.time, e.excluded, v.visit_id, p.text, s.text, h.text, o.text"
        " FROM events e"
        " LEFT JOIN (SELECT visit, visit_id FROM open_visits UNION ALL"
        "   SELECT visit, visit_id FROM visit_ids) v USING (visit)"
        " LEFT JOIN texts p ON p.id = e.path AND p.column = 'path'"
        " LEFT JOIN texts s ON s.id = e.source AND s.column = 'source'"
        " LEFT JOIN texts h ON h.id = e.host AND h.column = 'host'"
        " LEFT JOIN texts o ON o.id = e.original AND o.column = 'original' ORDER BY ALL"
    )
    texts = warehouse.answer('SELECT "column", "text" FROM texts ORDER BY ALL')
    return {
        "events": list(map(tuple, events.astype(str).to_numpy())),
        "rows": sorted(map(str, warehouse.events(1).to_dict("records"))),
        "texts": list(map(tuple, texts.to_numpy())),
        "sums": list(map(tuple, warehouse.answer(SUMS).astype(str).to_numpy())),
    }


@settings(
    max_examples=examples(2, 100), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(HAPPENED, RULES, RULES, st.sampled_from((frozenset(), frozenset({OWN}))))
def test_what_is_rewritten_is_what_would_be_stored_under_the_rules_from_the_start(
    tmp_path_factory, happened, before, after, visitors
):
    rows, folder = rows_of(happened), tmp_path_factory.mktemp("rules")
    warehouse = stored_under(opened(folder / "changed"), rows, before)
    anew = stored_under(opened(folder / "anew"), rows, after, visitors)

    follow(warehouse, after, visitors)
    close_days(warehouse, 1, "UTC", CLOSED)

    assert seen(warehouse) == seen(anew)
    assert follow(warehouse, after, visitors) == 0
    warehouse.close()
    anew.close()


PLAIN = {
    "visitor": "a",
    "minutes": 1,
    "path": "/product/1",
    "host": "www.example.org",
    "source": "t.co",
    "ip": "198.51.100.7",
    "bot_rule": "",
}
SEVERAL = rows_of(
    [
        PLAIN,
        {**PLAIN, "path": "/product/9"},
        {**PLAIN, "path": "/a/index.html", "source": "X"},
        {**PLAIN, "visitor": "b", "ip": "192.0.2.7"},
        {**PLAIN, "visitor": "own"},
        {**PLAIN, "visitor": "b", "host": "b.staging.test"},
        {**PLAIN, "visitor": "b", "bot_rule": "prefetch"},
    ]
)


def told(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """Return what is stored of each event that rules write, in the order of their times."""
    rows = warehouse.events(1)
    columns = ("host", "path", "source", "original", "excluded")
    return list(zip(*(rows[name].tolist() for name in columns), strict=True))


def counted(warehouse: Warehouse) -> tuple[int, ...]:
    scope = scope_between(1, *EVER, "UTC", warehouse.summarised(1))
    found = warehouse.ask(totals, scope).to_dict("records")[0]
    return tuple(int(found[name]) for name in ("visitors", "visits", "views"))


def test_both_engines_follow_rules(open_engine):
    with open_engine() as engine:
        warehouse = Warehouse(engine)
        columns = {name: [row[name] for row in SEVERAL] for name in EVENT_COLUMNS}
        warehouse.append(batch_of(columns), "journal", 1)
        asked = Asked(1, ALL, frozenset({OWN}))
        assert [warehouse.apply_rules(asked) for _ in range(2)] == [4, 3]
        after, fewer = told(warehouse), counted(warehouse)
    assert (after[0][1], after[2][1], fewer[2]) == ("/product/*", "/a", 2)
    assert [one[4] for one in after] == [0, BY_PATH, 0, BY_ADDRESS, BY_VISITOR, BY_HOST, 0]


def test_rules_are_followed_and_taken_back_in_small_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(rewriting, "AT_ONCE", 2)
    with closing(opened(tmp_path / "one")) as warehouse:
        stored_under(warehouse, SEVERAL, NO_RULES)
        before, figures = told(warehouse), counted(warehouse)
        asked = Asked(1, ALL, frozenset({OWN}))
        assert warehouse.number_against_rules(asked) == 7
        seen_before = warehouse.preview_rules(asked, *EVER)

        assert follow(warehouse, ALL, frozenset({OWN})) >= 7
        close_days(warehouse, 1, "UTC", CLOSED)
        after, fewer = told(warehouse), counted(warehouse)
        left_out = warehouse.ask(by_rule, 1, *EVER).to_dict("records")
        assert warehouse.number_against_rules(asked) == 0
        follow(warehouse, NO_RULES)
        close_days(warehouse, 1, "UTC", CLOSED)

        assert (told(warehouse), counted(warehouse)) == (before, figures)

    www = {"host": "www.example.org"}
    product = ("example.org", "/product/*", "X")
    assert [(*one[:3], one[4]) for one in after] == [
        (*product, 0),
        (*product, BY_PATH),
        ("example.org", "/a", "t.co", 0),
        (*product, BY_ADDRESS),
        (*product, BY_VISITOR),
        ("b.staging.test", "/product/*", "X", BY_HOST),
        (*product, 0),
    ]
    assert msgspec.json.decode(after[0][3]) == {**www, "path": "/product/1", "source": "t.co"}
    assert msgspec.json.decode(after[2][3]) == {**www, "path": "/a/index.html", "source": "X"}
    assert (figures[2], fewer[2]) == (6, 2)
    assert {one["rule"]: int(one["views"]) for one in left_out} == {"excluded": 4, "prefetch": 1}
    assert (seen_before.before.views, seen_before.after.views) == (6, 2)
    assert (seen_before.before.visitors, seen_before.after.visitors) == (figures[0], fewer[0])
    assert (seen_before.before.pages, seen_before.after.pages) == (3, 2)
    assert (seen_before.all_views, seen_before.all_left_out) == (7, 5)
    becomes = [(one.was, one.name, one.views) for one in seen_before.becomes]
    assert ("www.example.org/product/1", "", 2) in becomes
    assert ("www.example.org/product/1", "example.org/product/*", 1) in becomes
    assert ("X", "t.co", 1) in becomes


def test_a_step_that_is_cut_short_is_taken_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rewriting, "AT_ONCE", 2)
    warehouse = stored_under(opened(tmp_path / "changed"), SEVERAL, NO_RULES)
    anew = stored_under(opened(tmp_path / "anew"), SEVERAL, ALL)
    with monkeypatch.context() as failing:
        failing.setattr(warehouse.engine, "commit", _fails)
        with pytest.raises(OSError, match="full"):
            warehouse.apply_rules(Asked(1, ALL))
    assert warehouse.apply_rules(Asked(1, ALL)) == 2
    warehouse.close()
    warehouse = opened(tmp_path / "changed")
    follow(warehouse, ALL)
    close_days(warehouse, 1, "UTC", CLOSED)

    assert seen(warehouse) == seen(anew)
    warehouse.close()
    anew.close()


def _fails(*_: object) -> None:
    raise OSError("full")


def test_a_rule_of_programs_that_is_switched_off_counts_nothing_that_the_owner_excludes(
    tmp_path: Path,
):
    rows = [{**row, "site_id": 1} for row in SEVERAL]
    only = ReportRules(exclude_paths=("/product/*",), exclude_hosts=("b.staging.test",))
    warehouse = stored_under(opened(tmp_path / "one"), rows, only)
    assert counted(warehouse)[2] == 1
    for left_out in (True, False):
        warehouse.set_left_out(1, "prefetch", left_out=left_out)
        follow(warehouse, only)
        assert counted(warehouse)[2] == 1
    assert warehouse.set_sides(1, lambda _rule: False) == 0
    follow(warehouse, NO_RULES)
    assert counted(warehouse)[2] == 7
    warehouse.close()


def test_an_address_that_is_shortened_since_stays_left_out_as_long_as_a_rule_may_mean_it(
    tmp_path: Path,
):
    warehouse = stored_under(opened(tmp_path / "one"), SEVERAL, NO_RULES)
    one = ReportRules(exclude_addresses=("192.0.2.7",))
    assert follow(warehouse, one) == 1
    for side in (1, -1):
        warehouse.shorten_addresses(side, naive(EVER[1]))
    assert follow(warehouse, one) == 0
    assert follow(warehouse, ReportRules(exclude_addresses=("198.51.100.7",))) == 1
    assert follow(warehouse, one) == 0
    warehouse.close()


@pytest.mark.parametrize("rules", [NO_RULES, ReportRules(exclude_paths=("/admin",))])
def test_a_view_that_is_left_out_does_not_divide_the_visit_it_is_in(
    tmp_path: Path, rules: ReportRules
):
    """The example of docs/definitions.md, by rules from the start and backwards."""
    paths = ("/", "/admin", "/a")
    rows = rows_of([{**PLAIN, "minutes": 20, "path": path} for path in paths])
    with closing(opened(tmp_path / "one")) as warehouse:
        stored_under(warehouse, rows, rules)
        follow(warehouse, ReportRules(exclude_paths=("/admin",)))
        assert counted(warehouse) == (1, 1, 2)


def test_an_id_that_came_twice_loses_no_event(tmp_path: Path):
    rows = [dict(row) for row in SEVERAL]
    rows[5]["event_id"] = rows[0]["event_id"]
    warehouse = stored_under(opened(tmp_path / "one"), rows, NO_RULES)
    for rules in (ALL, ReportRules(group_paths=("/product/:id",)), NO_RULES):
        follow(warehouse, rules)
        assert len(warehouse.events(1)) == 7
    warehouse.close()
