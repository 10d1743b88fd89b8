"""The server: the one package that uses all others, and the process itself."""
