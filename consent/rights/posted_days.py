"""The days that a person types into the page, as a span of time of the website's zone."""

import re
from collections.abc import Mapping
from datetime import date

from askfirst.errors import Malformed
from askfirst.local_days import day_start, number_of
from askfirst.sites import Site
from consent.rights.parts import TimeSpan

_YEARS = range(1971, 3000)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def posted_span(form: Mapping[str, str], site: Site) -> TimeSpan:
    """Return the span of some local days of a site; raises `Malformed` with the field."""
    first, last = _day(form, "first"), _day(form, "last")
    if last < first:
        raise Malformed("The last day is before the first.", field="last")
    start, end = number_of(first), number_of(last) + 1
    return TimeSpan(day_start(start, site.time_zone), day_start(end, site.time_zone))


def _day(form: Mapping[str, str], field: str) -> date:
    text = form.get(field, "")
    if not _DAY.fullmatch(text):
        raise Malformed("A day is written as 2026-11-28.", field=field)
    try:
        found = date(*map(int, text.split("-")))
    except ValueError as error:
        raise Malformed("There is no such day.", field=field) from error
    if found.year not in _YEARS:
        raise Malformed("No visit is from such a year.", field=field)
    return found
