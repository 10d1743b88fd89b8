"""What the rows of sites and of their policies say."""
