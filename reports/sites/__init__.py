"""The pages about sites: the list, a new one, settings, the snippet, deleting, the first start."""
