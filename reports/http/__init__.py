"""What a request of staff brings: client, posted form, cookies, where it was opened from."""
