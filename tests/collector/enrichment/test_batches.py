"""Enriching a batch: what entries share is read once, and each row is as if it came alone."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from askfirst.columns import COLUMNS, EVENT_COLUMNS
from askfirst.events import JournalEntry
from collector.enrichment.enrich import Enricher
from tests.factories import CHROME, GOOGLEBOT, a_site, an_entry

FACTS = {one.attribute: one for one in COLUMNS if one.thing == "facts"}
CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "site_id": st.sampled_from([1, 2, 3]),  # the third was deleted
    "url": st.sampled_from(["https://example.org/", "https://example.org/a?utm_source=x&q=1"]),
    "referrer": st.sampled_from(["", "https://example.com/", "https://example.org/"]),
    "user_agent": st.sampled_from(["", CHROME, GOOGLEBOT]),
    "accept_language": st.sampled_from(["", "de-AT, en;q=0.5"]),
    "rule": st.sampled_from(["", "webdriver"]),
    "without": st.sampled_from([(), ("browser", "ip"), ("title", "amount", "gone")]),
    "facts": st.dictionaries(st.sampled_from(sorted(FACTS)), st.integers(0, 9), max_size=3).map(
        lambda said: {k: n if FACTS[k].kept == "number" else str(n) for k, n in said.items()}
    ),
}


def an_enricher() -> Enricher:
    other = msgspec.structs.replace(
        a_site(id=2), hosts=("example.com",), column_purposes={"language": ""}
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
