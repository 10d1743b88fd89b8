"""The words of which lines of a list of decisions are made: numbers and times."""

import re

NUMBER = re.compile(r"[0-9a-f]{32}")
TIME = re.compile(r"[1-9][0-9]{12}")
"""Milliseconds since the epoch, from 2001 to 2286; a time that was cut is shorter."""
