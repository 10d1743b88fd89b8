"""Events come in: the tag, the gate, the journal, the way to the warehouse."""
