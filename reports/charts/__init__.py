"""Charts: drawn as SVG by the server for pages, by Altair and vl-convert for files."""
