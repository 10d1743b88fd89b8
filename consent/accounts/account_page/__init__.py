"""The page of an account, without a session and with one, and the page that a mail's link opens."""
