"""The form for chosen days keeps every other choice of the address."""

from datetime import UTC, datetime

from reports.url.links import Address, period_nav
from reports.url.periods import read_period

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_the_form_for_chosen_days_keeps_filters_and_drops_what_belongs_to_the_period() -> None:
    chosen = {"where": "country,is,DE", "on": "events", "metric": "views", "at": "/shop"}
    dropped = {"period": "custom", "from": "2025-12-01", "to": "2025-12-07", "by": "day"}
    period = read_period(dropped, "UTC", NOW)
    nav = period_nav(Address("/sites/k", {**chosen, **dropped, "page": "3"}), period)
    assert nav.kept == chosen
