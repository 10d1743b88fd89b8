"""The ground: the words and the memory that all rooms share; imports nothing of ours."""
