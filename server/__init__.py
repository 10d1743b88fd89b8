"""The server: the only place where rooms meet."""
