"""The queries about visitors who come back: cohorts, visits a visitor, days between visits."""
