"""User agents: who is a bot, which browser, which system, what kind of device."""
