"""Answers the questions of a page, and remembers answers until what they tell of changes."""
