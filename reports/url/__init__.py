"""What the URL of a report says: site, period, steps of time, page of a list; and such links."""
