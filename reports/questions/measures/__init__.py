"""Questions about the figures that are no counts: bounces and reading time."""
