"""What the reports see: coverage by day, page, language and source, and estimates for all loads."""
