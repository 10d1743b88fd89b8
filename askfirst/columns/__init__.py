"""The columns of an event: their table, what a column is, and what follows from the table."""

from askfirst.columns.column import (
    PURPOSE,
    READ_FROM,
    REVENUE,
    By,
    Column,
    Kept,
    Kind,
    Listed,
    nothing_of,
)
from askfirst.columns.dimensions import DIMENSIONS, Dimension
from askfirst.columns.kinds import KINDS, NEEDED
from askfirst.columns.names import (
    AGENT_COLUMNS,
    CAMPAIGN_COLUMNS,
    EVENT_COLUMNS,
    EVENT_NUMBERS,
    EVENT_TEXTS,
    FIXED_COLUMNS,
    HIDDEN_COLUMNS,
    LANGUAGE_COLUMNS,
    LINK_COLUMNS,
    MONEY_COLUMNS,
    ORIGIN_COLUMNS,
    PROFILE_TEXTS,
    THOUSANDTHS,
)
from askfirst.columns.table import COLUMNS
from askfirst.columns.told_values import told_value

__all__ = [
    "AGENT_COLUMNS",
    "CAMPAIGN_COLUMNS",
    "COLUMNS",
    "DIMENSIONS",
    "EVENT_COLUMNS",
    "EVENT_NUMBERS",
    "EVENT_TEXTS",
    "FIXED_COLUMNS",
    "HIDDEN_COLUMNS",
    "KINDS",
    "LANGUAGE_COLUMNS",
    "LINK_COLUMNS",
    "MONEY_COLUMNS",
    "NEEDED",
    "ORIGIN_COLUMNS",
    "PROFILE_TEXTS",
    "PURPOSE",
    "READ_FROM",
    "REVENUE",
    "THOUSANDTHS",
    "By",
    "Column",
    "Dimension",
    "Kept",
    "Kind",
    "Listed",
    "nothing_of",
    "told_value",
]
