"""Reading a DuckDB file: readers, their places and turns, and statements that are known."""
