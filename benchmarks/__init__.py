"""Programs that measure: each prints a table and writes JSON, beside a baseline of the same run."""
