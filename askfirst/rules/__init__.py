"""The owner's rules for the reports: their patterns, their form, and what they make of an event."""
