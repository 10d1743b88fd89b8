"""How dates, numbers, shares and states are written on every page."""
