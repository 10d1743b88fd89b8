"""`askfirst demo`: a website, generated visits, and the past of a year."""
