"""What the ledger keeps for visitors' rights: receipt codes."""
