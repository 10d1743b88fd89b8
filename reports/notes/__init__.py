"""The page about the notes on the chart: they are added, changed and deleted."""
