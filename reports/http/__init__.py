"""What a request of staff carries, and how many reports are made at once."""
