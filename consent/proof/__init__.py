"""The proof of consent: the hash chain of records and everything that is checked beside it."""
