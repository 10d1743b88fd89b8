"""What a search in a list looks for: a regular expression over the names as they are stored."""

import json
import re
from functools import cache
from urllib.parse import quote

from askfirst.errors import Malformed
from askfirst.system.assets import asset_path
from reports.formatting.channel_words import CHANNELS
from reports.formatting.template_filters import listed

LONGEST = 200
"""Characters of a search."""
_ADDRESSES = ("path", "link", "internal")


def search_of(text: str) -> str:
    """Check what is searched for; raises `Malformed`."""
    if len(text) > LONGEST:
        raise Malformed(f"A search has at most {LONGEST} characters.", field="q")
    return text.strip()


def pattern_of(text: str, kind: str) -> str:
    """Return a regular expression of RE2 that finds a text in names of a kind; '' for none.

    Upper and lower case are the same. Countries, languages and channels are stored as codes, which
    are found by their words, and addresses are stored with percent signs.
    """
    if not text:
        return ""
    spellings = {text, quote(text, safe="/:?#[]@!$&'()*+,;=~ %")} if kind in _ADDRESSES else {text}
    found = [re.escape(one) for one in sorted(spellings)]
    codes = [code for code, words in _words(kind).items() if text.casefold() in words.casefold()]
    if codes:
        among = "|".join(re.escape(code) for code in sorted(codes))
        found.append(f"^(?:{among})(?:$|[-_])" if kind == "language" else f"^(?:{among})$")
    return f"(?i){'|'.join(found)}"


def finds_nothing(text: str, kind: str) -> bool:
    """Return whether a text is found in what is shown for ''."""
    return bool(text) and text.casefold() in listed("", kind).casefold()


@cache
def _words(kind: str) -> dict[str, str]:
    """Return the words of each code of a kind; none where names are stored as they are shown."""
    if kind == "channel":
        return CHANNELS
    names = {"country": "countries", "language": "languages"}.get(kind)
    if not names:
        return {}
    found: dict[str, dict[str, str]] = json.loads(asset_path("data/names.json").read_text("utf-8"))
    local = {"local": listed("local", "country")} if kind == "country" else {}
    return found[names] | local
