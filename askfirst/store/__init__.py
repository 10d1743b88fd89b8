"""The stores that all packages share: ledger and warehouse, and the personal data in them."""
