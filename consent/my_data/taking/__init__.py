"""Taking everything along: the file of a person, at once or made beside the requests."""
