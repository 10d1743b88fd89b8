"""Segments in the query of an address: `where=country,one_of,DE,AT;path,is,/shop&on=events`.

Commas, semicolons and percent signs of a value are percent-encoded, so that every value can be
written; the query then encodes the whole once more.
"""

from collections.abc import Mapping

from askfirst.errors import Malformed
from askfirst.store.warehouse.filters.conditions import (
    EMPTY_OPERATORS,
    MOST_CONDITIONS,
    MOST_VALUES,
    Condition,
    Segment,
    check_segment,
)

WHERE, ON = "where", "on"
_LONGEST = 16_000  # servers and proxies take addresses of 8 to 16 kB


def read_segment(query: Mapping[str, str], columns: frozenset[str]) -> Segment:
    """Read a segment out of the query of an address; one without conditions where it has none.

    `columns` are those that conditions may be about. Raises `Malformed` naming the field.
    """
    text = query.get(WHERE, "")
    if len(text) > _LONGEST:
        raise Malformed("The conditions are too long for an address.", field=WHERE)
    written = text.split(";", MOST_CONDITIONS) if text else []
    found = tuple(_condition(number, one) for number, one in enumerate(written, start=1))
    segment = Segment(found, query.get(ON, "visits"))
    check_segment(segment, columns, WHERE)
    return segment


def _condition(number: int, text: str) -> Condition:
    fields = text.split(",", MOST_VALUES + 2)
    if len(fields) < (2 if fields[-1] in EMPTY_OPERATORS else 3):
        sentence = f"Condition {number} is written as column,operator,value."
        raise Malformed(sentence, field=WHERE)
    column, operator, *values = (_decoded(one) for one in fields)
    return Condition(column, operator, tuple(values))


def _decoded(text: str) -> str:
    return text.replace("%3B", ";").replace("%2C", ",").replace("%25", "%")


def segment_query(segment: Segment) -> dict[str, str]:
    """Return the fields of a query that `read_segment` reads; none for a segment of everything."""
    if not segment.conditions:
        return {}
    written = (
        ",".join(_encoded(one) for one in (each.column, each.operator, *each.values))
        for each in segment.conditions
    )
    on = {} if segment.on == "visits" else {ON: segment.on}
    return {WHERE: ";".join(written), **on}


def _encoded(text: str) -> str:
    return text.replace("%", "%25").replace(",", "%2C").replace(";", "%3B")
