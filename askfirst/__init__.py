"""What all packages share: errors, events, sites, settings, the stores; it imports none of them."""
