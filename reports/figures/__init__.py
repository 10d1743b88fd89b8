"""Figures computed for pages: totals, changes, and the consent rate of page loads."""
