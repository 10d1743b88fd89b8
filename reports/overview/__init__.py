"""The overview of a site, the list of each dimension, and the consent check."""
