"""The warehouse: enriched events in columns, in one DuckDB file; its SQL is only here."""
