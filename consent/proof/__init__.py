"""The proof of consent: the hash chain of records and what is checked against it."""
