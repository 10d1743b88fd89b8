"""The list of visitors in every order, and those that words find, as the definitions say."""

import re

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from askfirst.columns import EVENT_COLUMNS
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.compiled import Text
from askfirst.store.warehouse.logical.scope import scope_between
from askfirst.store.warehouse.warehouse import Warehouse
from reports.questions.visitors import ORDERS, visitors
from reports.questions.visitors_found import Word, keep_found
from reports.url.steps import ms_of
from tests.askfirst.store.warehouse import oracle
from tests.askfirst.store.warehouse.amount import IS_LONG, examples
from tests.askfirst.store.warehouse.closing import close_days
from tests.askfirst.store.warehouse.streams import edges, rows_of, streams

SITE = 1
COLUMNS = ("path", "browser")
WORDS = st.builds(
    lambda word, countries, systems, beginnings: Word(
        Text(f"(?i){re.escape(word)}"),
        COLUMNS,
        tuple(map(Text, countries)),
        tuple(tuple(map(Text, system)) for system in systems),
        tuple(map(Text, beginnings)),
    ),
    st.sampled_from(("a", "/A", "CHROME", "%", "'", "d", "nowhere")),
    st.lists(st.sampled_from(("DE", "FR")), max_size=2, unique=True),
    st.sampled_from(((), (("iOS", "mobile"), ("Linux",)))),
    st.sampled_from(((), (), ("0",), ("a",))),
)


def has(row, word):
    pattern = re.compile(word.pattern[4:], re.IGNORECASE)
    return (
        any(pattern.search(row[name]) for name in COLUMNS)
        or row["country"] in word.countries
        or any((row["os"], row["device"])[: len(one)] == one for one in word.systems)
        or row["visitor_id"].startswith(word.beginnings)
    )


@settings(
    suppress_health_check=list(HealthCheck),
    deadline=None,
    max_examples=examples(2, 60),
    derandomize=not IS_LONG,
    phases=(Phase.generate,),
)
@given(st.data())
def test_the_list_goes_by_any_column_and_has_who_has_every_word(open_engine, data):
    stream = data.draw(streams(least_walks=3))
    window = oracle.Window(SITE, *data.draw(edges(stream)))
    words = tuple(data.draw(st.lists(WORDS, max_size=2)))
    rows = rows_of(stream)
    counting = [row for row in rows if row["site_id"] == SITE and window.has(row["time"])]
    wanted = {
        row["visitor_id"]: row
        for row in oracle.visitors(rows, window)
        if all(
            any(has(one, word) for one in counting if one["visitor_id"] == row["visitor_id"])
            for word in words
        )
    }
    with open_engine() as engine:
        warehouse = Warehouse(engine)
        for number, batch in enumerate(stream, 1):
            columns = {name: [row[name] for row in batch] for name in EVENT_COLUMNS}
            warehouse.append(batch_of(columns), "journal", number)
        if data.draw(st.booleans()):
            close_days(warehouse, SITE, "UTC", 20_600)
        known = warehouse.summarised(SITE)
        scope = scope_between(SITE, ms_of(window.start), ms_of(window.end), "UTC", known)
        order, descending = data.draw(st.sampled_from(ORDERS)), data.draw(st.booleans())
        page = warehouse.page()
        if words:
            keep_found(page, scope, words)
        frame = page.ask(visitors, scope, 100, 0, order, descending, bool(words))
        later = page.ask(visitors, scope, 2, 1, order, descending, bool(words))
    assert set(frame["visitor_id"]) == wanted.keys()
    assert all(int(one) == len(wanted) for one in frame["everybody"])
    key = [wanted[one][order] for one in frame["visitor_id"]]
    assert key == sorted(key, reverse=descending)
    assert list(later["visitor_id"]) == list(frame["visitor_id"])[1:3]
    found = dict(zip(frame["visitor_id"], frame["engaged"], strict=True))
    assert found == {one: pytest.approx(row["engaged"]) for one, row in wanted.items()}
