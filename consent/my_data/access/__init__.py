"""Access to the page: which proof opens it, that it was ended, and another browser that joins."""
