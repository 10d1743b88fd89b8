"""What an address asks for: site, period, steps of time, links and pages of a list."""
