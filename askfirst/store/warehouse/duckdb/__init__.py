"""The engine DuckDB: one file, one writer, many readers."""
