"""Who a member of staff is: accounts, passwords, sessions, one-time codes and their limits."""
