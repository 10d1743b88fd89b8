"""The consent records of a site for an auditor, and their export."""
