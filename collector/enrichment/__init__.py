"""Enrichment: browser, country, language, referrer host and visit of an event, for its columns."""
