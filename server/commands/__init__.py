"""The commands backup, restore, check, ledger, move, receipt and staff: options and output."""
