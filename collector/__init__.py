"""The collector: events on their way from the browser to the warehouse, and the visitor's scripts."""
