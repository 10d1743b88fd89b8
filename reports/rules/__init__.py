"""The page about the rules for the reports: what is excluded, grouped and renamed."""
