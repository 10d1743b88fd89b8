"""Cards that are no plain list: web vitals, scroll depth, hours of the week, the world map."""
