"""The owner's rules for what is stored: what they change, how it is rewritten, and a preview."""
