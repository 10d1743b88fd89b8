"""Worker processes, which take events beside the server, and the side of the server to them."""
