"""The journal: events are on disk here before they are answered, and wait to be shipped."""
