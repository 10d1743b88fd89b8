"""What is read and checked of every visitor's request: cookie, origin, language, token, rate."""
