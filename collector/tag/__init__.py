"""The tag: the visitor's scripts as they are served, and counts of how often they are."""
