"""Patterns: both engines find the same texts by any regular expression that filters accept."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from askfirst.columns import EVENT_COLUMNS
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.duckdb.patterns import is_pattern
from askfirst.store.warehouse.filters.conditions import Condition, Segment
from askfirst.store.warehouse.filters.matching import keep_matching, narrowed
from askfirst.store.warehouse.logical.scope import scope_between
from askfirst.store.warehouse.warehouse import Warehouse
from reports.questions.breakdown import breakdown
from tests.askfirst.store.warehouse.amount import IS_LONG, examples
from tests.askfirst.store.warehouse.filters.segments import QUANTIFIERS
from tests.askfirst.store.warehouse.streams import NOTHING, hex_of, id_of, ms, naive
from tests.warehouses import lent_warehouse

START, END = ms("2026-05-01T00:00"), ms("2026-05-02T00:00")
STEMS = ("", "a", "ab", "abc", "ABC", "naï", "жя", "x\ny")
ENDS = ("", "c", "ï", "дя", "я", "Я", "ß", "ss", "€", "😀", "?", "]", "\x00", "\n")
NAMES = sorted(
    {stem + end for stem in STEMS for end in ENDS} | {"na", "abcc", "жяяя", "ab😀😀", "\\E"}
)

LETTERS = st.sampled_from(
    ("a", "c", "abc", "ï", "naï", "жя", "я", "ß", "€", "😀", "\x00", "s", "U")
)
CLASSES = (
    ".", r"\w", r"\pL", r"\P{Cyrillic}", "[ï-я]", "[^я€]", "[]я]", "[(|]", "[[:alpha:]😀]", r"\C",
    r"\n", r"\x{44f}", r"\Qя|€\E", r"\Q]\E", r"\?", r"\]", "^", "$", r"\b", r"\B", r"\A",
    r"\z", "{", "]",
)  # fmt: skip
FLAGS = ("(?i)", "(?-i)", "(?s)", "(?m)", "(?U)", "(?-sU)")
GROUPS = ("({})", "(?:{})", "(?P<n>{})", "(?i:{})", "(?-i:{})", "(?s-m:{})", "(?U:{})")
ATOMS = st.one_of(LETTERS, LETTERS, st.sampled_from(CLASSES), st.sampled_from(FLAGS))


def _combined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(parts, min_size=1, max_size=4)
    return st.one_of(
        st.builds(str.format, st.sampled_from(GROUPS), parts),
        st.builds("{}{}".format, parts, st.sampled_from(QUANTIFIERS)),
        several.map("".join),
        several.map("|".join),
    )


PATTERNS = st.recursive(ATOMS, _combined, max_leaves=10).filter(is_pattern)


@pytest.fixture(scope="module")
def warehouses(chdb):
    """Return a warehouse of each engine, in which each name is the path of one page view."""
    rows = [
        {
            **NOTHING,
            "site_id": 1,
            "kind": "page_view",
            "time": naive(START + number),
            "event_id": id_of(number),
            "visit_id": id_of(number),
            "visitor_id": hex_of(f"visitor {number}"),
            "consent_id": hex_of(f"consent {number}"),
            "policy_version": 1,
            "path": name,
        }
        for number, name in enumerate(NAMES, start=1)
    ]
    batch = batch_of({name: [row[name] for row in rows] for name in EVENT_COLUMNS})
    with lent_warehouse() as duckdb, chdb.database() as database:
        clickhouse = Warehouse(chdb.engine(database))
        for one in (duckdb, clickhouse):
            one.append(batch, "j", 1)
        yield duckdb, clickhouse
        clickhouse.close()


def found(warehouse, pattern):
    """Return the paths of the views that match a pattern."""
    segment = Segment((Condition("path", "matches", (pattern,)),), "events")
    page, scope = warehouse.page(), scope_between(1, START, END, "UTC")
    keep_matching(page, scope, segment)
    return sorted(page.ask(breakdown, narrowed(scope, segment), "path", 1000, 0)["name"])


@settings(
    max_examples=examples(60, 3000),
    derandomize=not IS_LONG,
    suppress_health_check=list(HealthCheck),
    deadline=None,
)
@example("^naï?$")
@example("жяяя{0,1}$")
@example("abc+?(?U)*?")
@example("(ab(c😀)*?|€?)\\?")
@given(pattern=PATTERNS)
def test_both_engines_find_the_same_names(warehouses, pattern):
    duckdb, clickhouse = warehouses

    assert found(duckdb, pattern) == found(clickhouse, pattern)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("^naï?$", ["na", "naï"]),
        ("^жяд?я*$", ["жя", "жядя", "жяя", "жяяя"]),
        ("^ab😀{2}$", ["ab😀😀"]),
        ("^ab[€😀]?$", ["ab", "ab€", "ab😀"]),
        ("(?i)^жяя$", ["жяЯ", "жяя"]),
        ("^жяя$", ["жяя"]),
        ("^x.y$", []),
        ("(?s)^x.y$", ["x\ny"]),
    ],
)
def test_a_quantifier_is_about_the_whole_letter_before_it(warehouses, pattern, names):
    assert [found(one, pattern) for one in warehouses] == [names, names]
