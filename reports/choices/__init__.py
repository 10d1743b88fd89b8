"""How the question fares: asked, accepted, refused, withdrawn, and what was not recorded."""
