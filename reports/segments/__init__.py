"""The pages about segments: the list, keeping the filters of a report, and a comparison."""
