"""What a start looks at before it serves: the data folder, its files, keys and damaged stores."""
