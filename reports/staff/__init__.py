"""The staff's own pages: signing in, account, resetting a password, the log of what was done."""
