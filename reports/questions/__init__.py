"""One question a file: an Ibis expression that queries the warehouse."""
