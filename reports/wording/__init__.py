"""The owner's pages about a site's wording: draft, preview, review, publishing."""
