"""Classification: how often what is read of a visit is right, on data with the right answers."""
