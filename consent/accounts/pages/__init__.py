"""The pages of an account about what is volunteered and which messages are wanted."""
