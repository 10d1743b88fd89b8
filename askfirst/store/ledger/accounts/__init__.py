"""Accounts of visitors in the ledger: what they volunteer, and which messages they want."""
