"""The page about visitors who come back: cohorts, new and returning, visits, days between them."""
