"""Appending: a batch of events becomes rows of integers, with new keys for what is new in it."""
