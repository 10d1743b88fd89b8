"""The web: URLs, hosts, IP addresses, the base path, encodings, and pages made from templates."""
