"""Text from and for outside: strict JSON decoding, reference numbers, spreadsheet cells."""
