"""The overview on paper: a PDF of real text, made without a browser."""
