"""The journal: accepted events on disk until the warehouse has them, and repair of damaged ones."""
