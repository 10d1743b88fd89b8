"""Questions of cards that are no list: how fast pages were, how far they were read, and when."""
