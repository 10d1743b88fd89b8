"""The journal: accepted events on disk until they are shipped, and reading a damaged file."""
