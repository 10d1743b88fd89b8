"""Withdrawal, erasure, and the erasure that follows some time after a withdrawal."""
