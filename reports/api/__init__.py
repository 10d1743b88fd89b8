"""The API of reports: every report as JSON or a file, by a key that reads, and its document."""
