"""The front door: the only place where rooms meet."""
