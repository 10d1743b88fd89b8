"""Enriching a batch: what entries share is read once, and each row is as if it came alone."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from askfirst.columns import COLUMNS, EVENT_COLUMNS
from askfirst.events import JournalEntry
from askfirst.rules.applying import BY_ADDRESS, BY_PATH, BY_VISITOR
from askfirst.rules.report_rules import ReportRules
from collector.enrichment.enrich import Enricher
from tests.factories import CHROME, GOOGLEBOT, a_site, an_entry

MADE_BY_RULES = ("original", "excluded")
FACTS = {
    one.attribute: one for one in COLUMNS if one.thing == "facts" and one.name not in MADE_BY_RULES
}
CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "site_id": st.sampled_from([1, 2, 3]),  # the third was deleted
    "url": st.sampled_from(["https://example.org/", "https://example.org/a?utm_source=x&q=1"]),
    "referrer": st.sampled_from(["", "https://example.com/", "https://example.org/"]),
    "user_agent": st.sampled_from(["", CHROME, GOOGLEBOT]),
    "accept_language": st.sampled_from(["", "de-AT, en;q=0.5"]),
    "ip": st.sampled_from(["81.2.69.142", "192.0.2.9", ""]),
    "visitor_id": st.sampled_from(["a" * 32, "f" * 32]),
    "rule": st.sampled_from(["", "webdriver"]),
    "without": st.sampled_from([(), ("browser", "ip"), ("title", "amount", "gone")]),
    "facts": st.dictionaries(st.sampled_from(sorted(FACTS)), st.integers(0, 9), max_size=3).map(
        lambda said: {k: n if FACTS[k].kept == "number" else str(n) for k, n in said.items()}
    ),
}


RULES = ReportRules(exclude_paths=("/a",), exclude_addresses=("192.0.2.0/24",))


def an_enricher() -> Enricher:
    other = a_site(
        id=2,
        hosts=("example.com",),
        column_purposes={"language": ""},
        report_rules=RULES,
        left_out_visitors=frozenset({"f" * 32}),
    )
    return Enricher({1: a_site(), 2: other}.get)


@given(st.lists(st.fixed_dictionaries({}, optional=CHANGES), min_size=1, max_size=9))
def test_a_row_of_a_batch_is_that_of_a_batch_of_one(changes: list[dict[str, Any]]):
    entries = [an_entry(**one) for one in changes]
    alone = [an_enricher().batch([entry], ["v" * 22]).to_pylist()[0] for entry in entries]

    batch = an_enricher().batch(entries, ["v" * 22] * len(entries))

    assert batch.column_names == list(EVENT_COLUMNS)
    assert batch.to_pylist() == alone


def test_an_entry_has_its_own_facts_and_not_those_of_another():
    entries: list[JournalEntry] = [
        an_entry(facts={"title": "One", "scroll": 3}),
        an_entry(facts={"title": "Two"}),
        an_entry(),
    ]

    rows = an_enricher().batch(entries, ["v" * 22] * 3).to_pylist()

    assert [row["title"] for row in rows] == ["One", "Two", ""]
    assert [row["scroll"] for row in rows] == [3, 0, 0]


def test_a_column_that_one_consent_does_not_cover_stays_in_the_rows_of_others():
    entries = [an_entry(without=("browser",)), an_entry(), an_entry(site_id=2)]

    rows = an_enricher().batch(entries, ["v" * 22] * 3).to_pylist()

    assert [row["browser"] for row in rows] == ["", "Chrome", "Chrome"]
    assert [row["language"] for row in rows] == ["en-GB", "en-GB", ""]


def test_a_row_says_by_which_rule_it_is_left_out_first_by_names_then_visitor_then_address():
    left_out = {"site_id": 2, "visitor_id": "f" * 32, "ip": "192.0.2.9"}
    entries = [
        an_entry(**left_out, url="https://example.org/a"),
        an_entry(**left_out),
        an_entry(site_id=2, ip="192.0.2.9"),
        an_entry(site_id=2),
        an_entry(visitor_id="f" * 32, ip="192.0.2.9"),
        an_entry(**left_out, rule="webdriver"),
    ]

    rows = an_enricher().batch(entries, ["v" * 22] * len(entries)).to_pylist()

    assert [row["excluded"] for row in rows[:5]] == [BY_PATH, BY_VISITOR, BY_ADDRESS, 0, 0]
    assert [row["site_id"] for row in rows[:5]] == [-2, -2, -2, 2, 1]
    assert abs(rows[5]["site_id"]) == 2
