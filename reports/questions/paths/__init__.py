"""The queries about paths: what came before and after a page, and which paths are most used."""
