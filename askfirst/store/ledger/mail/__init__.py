"""Mail in the ledger: what becomes of one from when it is due, for staff and for visitors."""
