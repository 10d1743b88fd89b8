"""The owner's rules for the reports and visitors' corrections: what they make of an event."""
