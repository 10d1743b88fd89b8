"""The page that says in plain words what the figures mean, with an example counted by hand."""
