"""What the programs load a server with, and how what its work costs is read."""
