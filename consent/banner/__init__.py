"""What the banner and tools read before a choice: words, counts, manifest, rules for refusing."""
