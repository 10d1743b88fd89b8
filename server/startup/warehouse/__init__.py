"""The warehouse at a start: where it is, how it is opened, and its conversion."""
