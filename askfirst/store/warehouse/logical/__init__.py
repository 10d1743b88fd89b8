"""What questions start from: events, visits, summaries and texts, as Ibis over stored tables."""
