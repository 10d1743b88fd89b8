"""The page that says who is on the site now, and the stream that keeps it fresh."""
