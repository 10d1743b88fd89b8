"""Figures: the arithmetic between the answer of a query and a page."""
