"""What staff do for a visitor who writes to them: requests, find, erase, disclosures."""
