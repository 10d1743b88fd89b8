"""The command line of backup, restore, check, ledger, receipt and staff: options and output."""
