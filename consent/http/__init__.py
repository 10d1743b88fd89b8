"""What a visitor's HTTP request carries: cookie, token, origin, language, body; and its rate."""
