"""The ledger: its database and tables, sites and policies, withdrawals, tallies and counts."""
