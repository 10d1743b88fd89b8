"""The formats of access logs: the lines of each, their times, and which one a line has."""
