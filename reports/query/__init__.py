"""What the address of a report asks for: site, period, steps of time, page of a list."""
