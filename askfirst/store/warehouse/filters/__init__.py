"""Filters: conditions on columns, how an address writes them, and the visits that match them."""
