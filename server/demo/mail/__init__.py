"""The mail of the demo: what its owner has chosen, and the mailbox to which all of it comes."""
