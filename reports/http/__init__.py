"""What a request of staff carries: client, posted form, cookies, where it comes from."""
