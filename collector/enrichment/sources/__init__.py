"""Sources: from which site, app or campaign a visit comes, and by which channel."""
