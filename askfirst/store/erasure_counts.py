"""What an erasure's column `counts` holds: rows by place, and under way also what is carried on."""

from collections.abc import Mapping
from typing import Any

UNDER_WAY = "under_way"
"""The key beside the places that a request has until it is carried out; what is there names times
and numbers of one visitor, so it goes with the receipt."""


def places_of(counts: Mapping[str, Any]) -> dict[str, int]:
    """Return how many rows went, by place, without what a request carries while under way."""
    return {place: count for place, count in counts.items() if place != UNDER_WAY}
