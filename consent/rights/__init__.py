"""What a visitor can ask for: withdrawal, erasure, and the end of what a withdrawal leaves."""
