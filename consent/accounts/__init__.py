"""Accounts of visitors: signing in, browsers, what is volunteered, messages and mails."""
