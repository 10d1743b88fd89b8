"""`askfirst check`, `ledger verify` and `receipt verify`: what differs, and its repair."""
