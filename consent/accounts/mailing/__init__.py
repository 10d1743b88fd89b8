"""What is written to visitors by mail, and what becomes of each mail."""
