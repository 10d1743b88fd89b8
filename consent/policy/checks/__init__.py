"""The checks that a draft passes before it is published: labels, words, colours, visible text."""
