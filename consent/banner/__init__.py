"""What is read before a choice: the banner's words as JSON, its counts, and files for tools."""
