"""Worker processes: they take events beside the server, which stores for them."""
