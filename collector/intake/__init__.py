"""The intake: `POST /event` from its bytes to the journal, and why events are refused."""
