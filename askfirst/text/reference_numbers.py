"""Finding reference numbers in a text: those of records, consents, erasures and visitors.

Each is stored in one form: 32 hexadecimal digits in lower case, without separators.
"""

import re
import unicodedata

NUMBERS_MOST = 50
"""How many numbers are read from one text; a receipt's file has fewer."""
_NUMBER = re.compile(r"(?<![0-9a-z])[0-9a-f](?:[\s\-_:.]*[0-9a-f]){31}(?![0-9a-z])")
_LABEL = re.compile(r"\b(?:urn|uuid)\s*:", re.IGNORECASE)


def numbers_in(text: str) -> list[str]:
    """Return the numbers in a text, each once, in the form in which they are stored.

    They may be in capitals, in groups separated by blanks, hyphens, points or colons, as UUIDs, and
    after `urn:uuid:`. The text may be a complete receipt file.
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    plain = re.sub(r"[\u2010-\u2015\u2212]", "-", plain)
    plain = re.sub(r"[\u00ad\u200b-\u200f\u2060\ufeff]", "", plain)
    plain = _LABEL.sub(" \n;", plain)
    found = [re.sub(r"[^0-9a-f]", "", one) for one in _NUMBER.findall(plain)]
    return list(dict.fromkeys(found))[:NUMBERS_MOST]
