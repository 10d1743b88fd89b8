"""The page that says who is on the site now, and keeps saying it."""
