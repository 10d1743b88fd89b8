"""The column `counts` of an erasure: rows by holder, and the state of one that is under way.

The rows of all visitor ids of one erasure are counted in the receipt that was requested; the
receipts of the other ids count none.
"""

from collections.abc import Mapping
from typing import Any

UNDER_WAY = "under_way"
"""The key, beside the holders, that a request has until it is carried out.

Its value has the number of the receipt that was requested and, once they are counted, the rows by
holder and the times of the consents.
"""


def rows_by_holder(counts: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of erased rows by holder, without the state of a request under way."""
    return {holder: count for holder, count in counts.items() if holder != UNDER_WAY}
