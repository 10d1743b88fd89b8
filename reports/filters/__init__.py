"""The filters above every report: their words, the bar, and what a form adds."""
