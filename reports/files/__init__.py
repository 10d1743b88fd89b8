"""Files of reports: every table whole, in four formats, the overview, and a period's events."""
