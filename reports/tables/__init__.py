"""The registry of reports: each a table with a name, for files, the API and the command line."""
