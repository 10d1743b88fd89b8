"""Who a member of staff is: accounts, passwords, sessions, one-time links, and limits of tries."""
