"""Share links: the page that makes them, and the report that they open without an account."""
