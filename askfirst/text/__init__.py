"""Text from and for outside: strict decoding, reference numbers, spreadsheet cells."""
