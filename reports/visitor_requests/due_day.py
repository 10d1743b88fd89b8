"""Until when a request of a visitor has to be answered (GDPR, Article 12(3)).

That is one month after it came, and three where the month was extended by two, on the same day of
that month, or on its last where it is shorter: 31 January, 28 February. A period that ends on a
Saturday, a Sunday or a holiday runs until the next working day (Regulation 1182/71, Article 3(4));
holidays differ by place, so the earlier day is named here.
"""

from calendar import monthrange
from datetime import date

MONTHS = 1
EXTENDED_MONTHS = 3


def due_day(came: date, months: int = MONTHS) -> date:
    """Return the day some calendar months after the one on which a request came."""
    whole = came.month - 1 + months
    year, month = came.year + whole // 12, whole % 12 + 1
    return date(year, month, min(came.day, monthrange(year, month)[1]))
