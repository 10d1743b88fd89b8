"""Accounts of visitors, as staff see them: what is asked, which messages are offered, and who."""
