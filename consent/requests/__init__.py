"""What every request of a visitor is asked for: its cookie, origin, token, wire and rate."""
