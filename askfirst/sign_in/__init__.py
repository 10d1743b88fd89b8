"""Signing in, for staff and visitors: password rules and hashes, tries, codes, forms, cookies."""
