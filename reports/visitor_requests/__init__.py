"""What staff do for a visitor who writes to them: find, export, erase."""
