"""What a team keeps for its reports in the ledger: segments, notes on the chart, share links."""
