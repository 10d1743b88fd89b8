"""The choice: `POST /consent`, the form without JavaScript, and what follows from either."""
