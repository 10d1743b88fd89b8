"""How a commit is carried out: whole, once, and unseen until it is."""
