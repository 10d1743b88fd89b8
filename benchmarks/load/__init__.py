"""Loads servers with requests, and reads what their work costs."""
