"""Sending mail: what is due is written down, and brought to the mail server until it is taken."""
