"""Who a member of staff is: accounts, sessions, known browsers and one-time codes."""
