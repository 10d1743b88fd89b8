"""The visitor decides: the choice, its proof, withdrawal and erasure."""
