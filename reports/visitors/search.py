"""The search in the list of visitors: from what is typed to the words that visitors must have."""

import re

from askfirst.errors import Malformed
from askfirst.store.warehouse.compiled import Text
from reports.formatting.template_filters import country_codes
from reports.questions.visitors_found import Word

SEARCHED = {
    "browser": "browser",
    "os": "system",
    "device": "device",
    "country": "country",
    "region": "region",
    "city": "city",
    "path": "page",
    "title": "page title",
    "source": "source",
    "referrer_host": "website before",
    "utm_source": "campaign",
    "utm_campaign": "campaign",
}
"""The columns that are searched, and what the page calls them."""
LONGEST = 200
"""Characters of a search."""
MOST_WORDS = 8
_FILLING = frozenset({"on"})
"""Words of visitors' names that tell nothing, as in "Chrome on Windows"."""
_CALLED = {"iphone": ("iOS", "phone"), "ipad": ("iOS", "tablet"), "chromeos": ("Chrome OS",)}
"""Systems that people call otherwise than they are stored: the system, and the device if it tells.
"""
_NUMBER = re.compile("[0-9a-f]{4,32}")


def search_of(text: str, columns: frozenset[str]) -> tuple[Word, ...]:
    """Read a search; `columns` are those that may be asked about. Raises `Malformed` naming `q`.

    A visitor is found who has each of the words, in capitals or not, somewhere in one of the
    columns `SEARCHED`, or whose number begins with it.
    """
    if len(text) > LONGEST or any("\ud800" <= one <= "\udfff" for one in text):
        raise Malformed(f"A search has at most {LONGEST} characters.", field="q")
    words = list(dict.fromkeys(re.split(r"[\s,]+", text.strip(" ,\t\r\n"))))
    telling = [word for word in words if word.casefold() not in _FILLING]
    found = tuple(word for word in (telling or words) if word)
    if len(found) > MOST_WORDS:
        raise Malformed(f"A search has at most {MOST_WORDS} words.", field="q")
    searched = tuple(name for name in SEARCHED if name in columns and name != "country")
    return tuple(_word(word, searched, columns) for word in found)


def searched_words(columns: frozenset[str]) -> str:
    """Say what is searched, where these columns may be asked about: browser, system, page."""
    names = dict.fromkeys(words for name, words in SEARCHED.items() if name in columns)
    return ", ".join(names)


def _word(word: str, searched: tuple[str, ...], columns: frozenset[str]) -> Word:
    lower = word.lower()
    countries = country_codes(lower) if "country" in columns else ()
    told = {"os", "device"} <= columns
    systems = [system for name, system in _CALLED.items() if told and lower in name]
    return Word(
        pattern=Text(f"(?i){re.escape(word)}"),
        columns=searched,
        countries=tuple(map(Text, _padded(countries))),
        systems=tuple(tuple(map(Text, system)) for system in systems),
        beginnings=(Text(lower),) if _NUMBER.fullmatch(lower) else (),
    )


def _padded(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Repeat the last text until there are 1, 2, 4, 8 ...: so the SQL has few shapes."""
    size = 1 << (len(texts) - 1).bit_length() if texts else 0
    return texts + texts[-1:] * (size - len(texts))
