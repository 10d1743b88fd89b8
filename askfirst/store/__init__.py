"""The three memories: ledger, journal (in the collector) and warehouse."""
