"""Backups: taken while the server runs, restored into an empty folder, decisions carried over."""
