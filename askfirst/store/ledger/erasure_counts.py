"""What an erasure's column `counts` holds: rows by place, and under way also what is carried on.

The rows of all visitor ids that one erasure reached stand in the receipt that was asked for; those
of the other ids hold none of them.
"""

from collections.abc import Mapping
from typing import Any

UNDER_WAY = "under_way"
"""The key beside the places that a request has until it is carried out.

There is the number of the receipt that was asked for, and once it was counted the rows by place and
when the yeses were given. It goes when the request is carried out.
"""


def rows_by_holder(counts: Mapping[str, Any]) -> dict[str, int]:
    """Return how many rows went, by place, without what a request carries while under way."""
    return {place: count for place, count in counts.items() if place != UNDER_WAY}
