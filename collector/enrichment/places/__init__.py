"""Places: country, region and city of an IP address, from a file of MaxMind's or DB-IP's form."""
