"""What the banner and tools read before a choice: wording, manifest, rules; and its counts."""
