"""What is said in the place of a list without rows: what would stand there, or what brings it."""

_NO_VISIT = "No visit began in these days."
_NO_DEVICE = "No visitor in these days. What they use will stand here."
_NO_VISITOR = "No visitor in these days. Where they are from will stand here."
_WORDS = {
    "pages": "No page was viewed in these days.",
    "titles": "No page with a title was viewed in these days.",
    "channels": _NO_VISIT,
    "sources": _NO_VISIT,
    "entry-pages": _NO_VISIT,
    "exit-pages": _NO_VISIT,
    "referrers": "No other website led here in these days.",
    "campaigns": "No campaign in these days. A link that ends in ?utm_campaign=spring names one.",
    "countries": _NO_VISITOR,
    "regions": _NO_VISITOR,
    "cities": _NO_VISITOR,
    "languages": _NO_VISITOR,
    "browsers": _NO_DEVICE,
    "operating-systems": _NO_DEVICE,
    "devices": _NO_DEVICE,
    "screens": _NO_DEVICE,
    "clicks": "No link was followed in these days.",
    "outbound": "No link to another website was followed in these days.",
    "internal": "No link within the site was followed in these days.",
    "downloads": "No file was taken in these days.",
    "events": "No event in these days. Your pages send one by askfirst.track('booking').",
    "forms": "No form was sent in these days.",
    "not-found": "No page was missing in these days.",
}


FILTERED = "Nothing of this in the visits that the filters keep."
"""What is said of any list or chart of which there may be something without the filters."""


def empty_words(key: str, is_filtered: bool = False) -> str:
    """Return the sentence for a list of `DIMENSIONS`, by its name in the address."""
    return FILTERED if is_filtered else _WORDS.get(key, "Nothing of this in these days.")
