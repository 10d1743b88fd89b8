"""The commands of `askfirst` beside `serve`: backups, checks, the ledger, receipts, staff."""
