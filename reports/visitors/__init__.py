"""The pages about visitors: the list, one visitor's timeline, the export file."""
