"""The drop ledger: what was not recorded or is left out of the reports, and the rules for it."""
