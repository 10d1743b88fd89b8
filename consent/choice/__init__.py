"""The choice: `POST /consent`, the form without JavaScript, and what each choice does."""
