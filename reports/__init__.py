"""The analyst reads: questions, figures, pages and files."""
