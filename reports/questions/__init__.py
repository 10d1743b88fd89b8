"""One question a file: an Ibis expression over the warehouse."""
