"""The tag: the visitor's scripts as they are served, and how often."""
