"""The proof of consent: the hash chain of records, and whether the other tables agree with it."""
