"""What the machine gives: files that survive a loss of power, free disk, memory, shipped files."""
