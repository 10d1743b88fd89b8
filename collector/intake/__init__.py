"""The intake: `POST /event` from its bytes to the journal, and every reason for a refusal."""
