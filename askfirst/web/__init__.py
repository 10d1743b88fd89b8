"""The words of the web: hosts, addresses, paths, encodings, and the pages that templates make."""
