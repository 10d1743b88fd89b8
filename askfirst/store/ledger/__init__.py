"""The ledger: its database and tables, and what every room reads and counts in it."""
