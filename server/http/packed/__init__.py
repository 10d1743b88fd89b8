"""What is sent packed: the shipped files, and pages and text files of staff."""
