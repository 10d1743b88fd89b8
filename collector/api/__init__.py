"""The server-side API: events from a site's backend, by a key, and the document about it."""
