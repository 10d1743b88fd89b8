"""The stations of an event's path, each measured by itself."""
