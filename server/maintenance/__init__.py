"""Upkeep of the stores beside the requests: bytes of erased rows, and rows kept long enough."""
