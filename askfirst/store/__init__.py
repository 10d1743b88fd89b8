"""The stores, ledger and warehouse, and the one list of personal data that erasures go through."""
