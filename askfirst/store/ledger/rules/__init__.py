"""The owner's rules for the reports in the ledger."""
