"""A filter's visits are looked for in the days that are asked about, and in no others."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from askfirst.store.warehouse.filters.conditions import Condition, Segment
from reports.url.asking import Asked, answered
from reports.url.links import Address
from reports.url.periods import Window, read_period
from reports.url.report_view import ReportView
from tests.reports.garden import Garden


async def test_days_whose_visits_were_not_looked_for_are_an_error_and_no_0(garden: Garden) -> None:
    period = read_period({"period": "7d"}, "Europe/Berlin", datetime(2026, 1, 1, 12, tzinfo=UTC))
    segment = Segment((Condition("path", "is", ("/a",)),))
    view = ReportView(garden.site, period, segment, Address(""))
    earlier = Window(period.window.start - timedelta(days=7), period.window.start)

    async def of_earlier(asked: Asked) -> None:
        await asyncio.to_thread(asked.scope, earlier)

    with pytest.raises(LookupError):
        await answered(garden.deps, view, of_earlier)
    await answered(garden.deps, view, of_earlier, earlier)
