"""The commands backup, check, ledger, move, places, receipt, restore, staff: options and output."""
