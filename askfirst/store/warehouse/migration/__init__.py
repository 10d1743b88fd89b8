"""Other forms and other engines: a file of the first form is converted, an engine is copied."""
