"""Figures: the arithmetic between a question's answer and a page."""
