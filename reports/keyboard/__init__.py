"""The page that lists the keys of the reports."""
