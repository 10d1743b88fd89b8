"""What jobs do to the stores: retention, and removing the bytes of erased rows."""
