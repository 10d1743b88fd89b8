"""The guard before every page, and the pages about accounts: sign-in, password, security log."""
