"""The channels by which visits come, in plain words, as the pages of staff write them."""

CHANNELS = {
    "direct": "Direct",
    "search": "Search",
    "paid_search": "Paid search",
    "social": "Social",
    "paid_social": "Paid social",
    "video": "Video",
    "paid_video": "Paid video",
    "shopping": "Shopping",
    "paid_shopping": "Paid shopping",
    "email": "Email",
    "ai_assistant": "AI assistants",
    "affiliate": "Affiliates",
    "display": "Display ads",
    "audio": "Audio",
    "sms": "SMS",
    "push": "Push notifications",
    "referral": "Other websites",
    "internal": "This website",
    "cross_network": "Cross-network ads",
    "paid": "Other ads",
    "campaign": "Other campaigns",
}


def channel_words(channel: str) -> str:
    """Write a channel, e.g. `Paid search`; one that an owner's rule names is written as it is."""
    return CHANNELS.get(channel, channel)
