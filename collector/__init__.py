"""The collector: events from the browser to the warehouse, and the visitor's scripts."""
