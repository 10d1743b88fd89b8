"""The queries over the warehouse: one question a file, as an Ibis expression."""
