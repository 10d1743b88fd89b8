"""Queries about goals and funnels: who did what, and in which order."""
