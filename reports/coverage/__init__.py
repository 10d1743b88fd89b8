"""What the reports see: coverage by day and page, and the estimate for all page loads."""
