"""Policies: their versions, wording in every language, drafts, changes and public pages."""
