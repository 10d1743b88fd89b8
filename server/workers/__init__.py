"""Worker processes, which take events beside the server, and the server's side of them."""
