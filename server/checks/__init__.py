"""What differs between the stores, whether chain and receipts are right, and the repair."""
