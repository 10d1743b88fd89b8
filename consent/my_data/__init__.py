"""The visitor's own page: what is recorded about a person, who looked at it, and what to do."""
