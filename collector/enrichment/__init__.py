"""Enrichment: what a user agent, an address, a referrer and the time before tell of an event."""
