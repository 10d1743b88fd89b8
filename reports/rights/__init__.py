"""What staff does for a visitor who writes: find, take out, erase."""
