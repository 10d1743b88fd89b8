"""A start: data folder, permissions, keys, stores, and what is done with a damaged journal."""
