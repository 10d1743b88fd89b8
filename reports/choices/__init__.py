"""What visitors choose in the banner, from counts alone, and what was not recorded."""
