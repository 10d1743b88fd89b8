"""Summaries: exact counts and return gaps of closed local days, and what keeps them exact."""
