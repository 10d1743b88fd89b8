"""Mail: the page on which staff choose their reports and alerts, and what is written in them."""
