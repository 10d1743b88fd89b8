"""What can be sent by mail: three reports and four alerts."""

from collections.abc import Mapping

REPORTS: Mapping[str, str] = {
    "day": "Every day, about the day before",
    "week": "Every Monday, about the week before",
    "month": "On the first of every month, about the month before",
}
"""The reports by their names in the ledger."""

ALERTS: Mapping[str, str] = {
    "traffic": "Traffic is unusual: a day had half the usual visits, or twice as many",
    "consent": "The consent rate has fallen by ten points or more",
    "silence": "Nothing is received, at a time when there usually is something",
    "errors": "A page that is not found is opened often",
}
"""The alerts."""

KINDS: tuple[str, ...] = (*REPORTS, *ALERTS)

NAMES: Mapping[str, str] = {
    "day": "Daily report",
    "week": "Weekly report",
    "month": "Monthly report",
    "traffic": "Alert: unusual traffic",
    "consent": "Alert: consent rate",
    "silence": "Alert: nothing received",
    "errors": "Alert: pages not found",
}
"""What the mail of each kind is called."""

HOUR, SILENT_HOURS = 7, 3
"""The hour of a day, and the hours of silence, that are offered at first."""
LONGEST_SILENCE = 48
