"""The page about paths: what came before and after a page, and the most used paths."""
