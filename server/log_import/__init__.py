"""Access logs: lines of three formats, those with a yes become page views, the rest tallies."""
