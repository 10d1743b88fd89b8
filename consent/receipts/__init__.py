"""Receipts: the signed document that a visitor keeps, its keys, its pages and its reading."""
