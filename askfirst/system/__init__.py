"""The machine: files that survive a loss of power, free disk space, memory, shipped files."""
