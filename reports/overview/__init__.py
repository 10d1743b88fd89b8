"""The overview of a site, its lists and the check that every event has a consent."""
