"""Questions are compiled once a shape, and what they are asked with never becomes SQL."""

from dataclasses import dataclass
from pathlib import Path

import ibis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askfirst.store.warehouse.compiled import Text, compiled
from askfirst.store.warehouse.logical.opened import acts, begun
from askfirst.store.warehouse.logical.scope import scope_between
from askfirst.store.warehouse.tables import stored
from askfirst.store.warehouse.warehouse import Warehouse
from reports.questions.breakdown import breakdown
from reports.questions.totals import totals
from tests.askfirst.store.warehouse.streams import TEXTS

DIALECTS = ("duckdb", "clickhouse")


@dataclass(frozen=True)
class Asked:
    number: int
    text: Text
    nothing: None = None
    flag: bool = True


def echo(asked, more):
    """Return one row with what was asked."""
    form = stored("form")
    return form.select(
        number=ibis.literal(asked.number) - 1,
        text=ibis.literal(asked.text),
        **{f"more_{place}": ibis.literal(one) for place, one in enumerate(more)},
    )


def calculating(number):
    return stored("form").filter(stored("form").version > number + 1)


def joining(text):
    return stored("form").select(text=ibis.literal(f"%{text}%"))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_same_sql_serves_every_number_and_text_of_one_shape(dialect):
    first, values = compiled(echo, (Asked(5, Text("a")), (1, 2)), dialect)
    again, others = compiled(echo, (Asked(7, Text("b'")), (2, 2)), dialect)
    assert first == again
    assert values == {"p0": 5, "p1": "a", "p2": 1, "p3": 2}
    assert others == {"p0": 7, "p1": "b'", "p2": 2, "p3": 2}
    longer, _ = compiled(echo, (Asked(5, Text("a")), (1, 2, 3)), dialect)
    assert longer != first


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_number_of_a_scope_stands_in_the_sql(dialect):
    scope = scope_between(123_457, 1_790_000_000_123, 1_790_000_999_123)
    for question, values in ((totals, (scope,)), (breakdown, (scope, "path", 8191, 4093))):
        sql, parameters = compiled(question, values, dialect)
        found = {str(one) for one in parameters.values() if one}
        assert {"123457", "1790000000123", "1790000999123"} <= found
        assert not any(one in sql for one in found)
        assert "7100" not in sql
        assert sql.count("$p") >= len(parameters)


@pytest.mark.parametrize(("question", "value"), [(calculating, 5), (joining, Text("a"))])
def test_a_question_that_changes_a_parameter_in_python_is_refused(question, value):
    with pytest.raises(TypeError, match="parameter"):
        compiled(question, (value,), "duckdb")


@pytest.fixture(scope="module")
def warehouse():
    opened = Warehouse(Path(":memory:"))
    yield opened
    opened.close()


@settings(suppress_health_check=list(HealthCheck), max_examples=60, deadline=None)
@given(st.integers(-(2**62), 2**62), TEXTS)
def test_hostile_texts_and_large_numbers_come_back_as_they_were_given(warehouse, number, text):
    row = warehouse.page().rows(echo, Asked(number, Text(text)), ()).to_pylist()[0]
    assert row == {"number": number - 1, "text": text}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_a_page_keeps_of_open_days_is_planned_with_the_columns_it_reads_alone(dialect: str):
    scope = scope_between(1, 0, 86_400_000)
    counted, _ = compiled(begun, (scope, ()), dialect)
    listed, _ = compiled(begun, (scope, ("referrer_host",)), dialect)
    seen, _ = compiled(acts, (scope, ("browser",)), dialect)
    assert "event_id" not in counted  # by which the first of two views at a time is told
    assert "event_id" in listed
    assert "utm_source" not in listed
    assert "browser" in seen
    assert "country" not in seen
