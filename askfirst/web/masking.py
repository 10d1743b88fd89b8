"""Masking what names a person in a path or lets one in: e-mail addresses, ids and tokens.

`/reset/Xk3_v9QmT2aLpZ8rW0yB7c` becomes `/reset/:token`, `/u/me@example.org` becomes `/u/:email`.
Words, slugs, dates, versions and numbers of articles stay.
"""

import re

EMAIL, TOKEN = ":email", ":token"
"""What stands for a masked part: as routers write it, and legal in a path (RFC 3986, 3.3)."""

_WIDE = r"(?i:EF%(?:25)?(?:BC%(?:25)?A0|B9%(?:25)?AB))"
_AT = rf"(?:[@\uff20\ufe6b]|%(?:25)?(?:40|{_WIDE}))"
"""An @, also a wide or small one, as it is or escaped once or twice."""
_ANY_AT = re.compile(_AT)
_HIGH = r"%(?:25)?[89A-Fa-f][0-9A-Fa-f]"
_RAW = r"[^\x00-\xbf\s\u2000-\u206f\u3000-\u3004\u3008-\u303f\ufe6b\uff00-\uff20]"
"""What letters outside ASCII are written with: their octets, escaped once or twice, or themselves.

Quotation marks and other punctuation are none.
"""
_LOCAL = (
    r"[A-Za-z0-9.!#$&'*+^_`{|}~-]"
    r"|%(?:25)?(?:2[13467ABDEabde]|5[EFef]|60|7[B-Eb-e])"  # the same, escaped
    rf"|%(?:25)?(?![0-9A-Fa-f]{{2}})|(?!{_AT}){_HIGH}|{_RAW}"
)
"""What stands before the @ (RFC 5322, 3.2.3), but for `/`, `=` and `?`, which divide addresses."""
_STOP = r"[\u3002\uff0e\uff61]"
_ESCAPED_STOP = "%(?:25)?(?i:E3%(?:25)?80%(?:25)?82|EF%(?:25)?(?:BC%(?:25)?8E|BD%(?:25)?A1))"
_DOT = rf"(?:\.|{_STOP}|{_ESCAPED_STOP})"
_LATER_DOT = rf"(?:\.|(?<![A-Za-z]){_STOP}|{_STOP}(?=[A-Za-z0-9])|{_ESCAPED_STOP})"
"""A dot behind another one: `me@example.com。` with other letters behind it ends a sentence."""
_OCTET = rf"(?!{_DOT}|{_AT}){_HIGH}"
_LETTER = rf"[A-Za-z]|{_OCTET}|(?!{_DOT}){_RAW}"
_LABEL = rf"(?>(?:[0-9_-]|{_LETTER})+)"
_FILE = (
    "(?i:png|jpe?g|gif|webp|avif|svg|css|m?js|json|x?html?|pdf|xml|t?gz|bz2|woff2?|[ot]tf|mp[34]"
    "|webm|txt|es20[0-9]{2})(?![A-Za-z])"
)
"""Endings of files, which are no top-level domains: `logo@2x.png`, `inter@latin.woff2`."""
_TOP = rf"(?!{_FILE})(?>xn--[A-Za-z0-9-]{{2,59}}|(?:[A-Za-z]|{_OCTET}){{2,}}|(?:{_LETTER}){{2,}})"
"""A top-level domain: what stands behind one in ASCII letters is the text that goes on."""
_HOST = rf"(?:{_LABEL}{_DOT}(?:{_LABEL}{_LATER_DOT})*{_TOP}|(?:{_LABEL}{_DOT})+{_TOP})"
_EMAIL = re.compile(
    # `rails@7.1.0.rc1` is a version
    rf"((?>(?:{_LOCAL})+))(?>((?:{_AT}(?![vV]?[0-9]+\.[0-9]+[.-]){_HOST})+)?)"
    "|%(?:25)?[0-9A-Fa-f]{2}"
)
"""A run of what may stand before an @, with the rest of the address if it is one, or an escape.

It takes each run whole, so that none is read twice.
"""
_NOT_LATIN = r"[^\x00-\u036f\u1e00-\u1eff\u2c60-\u2c7f\ua720-\ua7ff\uff00-\uff5a]"
_TEXT_BEFORE = re.compile(rf".*{_NOT_LATIN}(?=[A-Za-z][\x00-\x7f]*\Z)")
"""Letters of another script right before a local part in ASCII, which begins with a letter."""
_COLON = f"(?::(?!(?:{EMAIL[1:]}|{TOKEN[1:]})(?![A-Za-z0-9-]))|%(?:25)?3A)"
_ANY_COLON = re.compile(_COLON, re.I)
_PATH_BEGINS = re.compile("%(?:25)?(?:2F|5C|3F|23)", re.I)


_NO_END = "(?!)"


def _user(slash: str, end: str = _NO_END) -> re.Pattern[str]:
    """Return the pattern of a user and password behind two such slashes, up to such an end."""
    inside = rf"(?:[^/\\?#@\s%\uff20\ufe6b]|(?!{_AT}|{end})%)"
    return re.compile(rf"(({_COLON})?(?:{slash}){{2}})((?>(?:(?>{inside}*){_AT})+))", re.I)


_USERS = (
    _user(r"[/\\]"),
    _user("%(?:2F|5C)", "%(?:2F|5C|3F|23|20)"),
    _user("%25(?:2F|5C)", "%(?:25)?(?:2F|5C|3F|23|20)"),
)
"""The user and password of a web address that is written as it is, or escaped once or twice."""
_NO_WORDS = re.compile(r"[A-Z0-9]|[a-z]{20}")
_CANDIDATE = re.compile(r"[A-Za-z0-9_+~-]{16}|%2[BF]|%3D|eyJ")
"""What a text with a token in it has, so that others are not read any further."""
_START = r"(?:(?<![A-Za-z0-9%])|(?<=%[0-9A-F]{2}))"
_JWT = re.compile(
    rf"(?<![A-Za-z0-9_-])((?>[A-Za-z0-9_-]*?{_START}(?=eyJ)))"
    r"[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{5,}+(?:\.[A-Za-z0-9_-]*+)?"
)
"""A JWT (RFC 7519) behind what may stand before it, in which no other one is looked for."""
_NAMED = re.compile(
    rf"{_START}(?:"
    r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"  # a UUID
    r"|(?=[0-9]*[A-Fa-f])(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]{16,}"  # hexadecimal digits
    r"|[0-9]{20,}"
    r")(?![A-Za-z0-9])"
)
_RUN = re.compile(r"(%(?!2[BF]|3D)[0-9A-F]{2})|(?:[A-Za-z0-9_+~-]|%2[BF]|%3D){20,}={0,2}")
"""An escape, which is passed over, or what may be base64 or its like."""
_BETWEEN = re.compile(r"%2[BF]|%3D|[_+~=-]+")
_PARTS = re.compile(r"(?<![A-Za-z0-9%])[A-Za-z0-9]{16,}")
_BREAK = re.compile(
    r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Za-z])|(?<=[A-Z])(?=[0-9])|(?<=[A-Z][A-Z])(?=[a-z])"
)
"""Where a letter follows a digit, or the other way round, or the case changes within a word."""
# fmt: off
_FOLLOWERS = {
    "a": "abcdefghijklmnoprstuvwxyz", "b": "abehilorsuy", "c": "acehiklorstuy",
    "d": "adeghilnorstuyz", "e": "abcdefghijklmnopqrstuvwxyz", "f": "aefiortu",
    "g": "aehilnorstu", "h": "adeilnortuv", "i": "abcdefghijklmnoprstuvxz", "j": "aeiosu",
    "k": "aefiklnorstu", "l": "abdefgijklostuvy", "m": "abdehimnopstu", "n": "acdegijklnorstuvy",
    "o": "abcdefghijklmnoprstuvwxyz", "p": "aceiloprstuy", "q": "u", "r": "abcdegiklmnoprstuvyz",
    "s": "acehiklmopstuvwyz", "t": "aehiklnoprstuvwy", "u": "abcdefghijklmnoprstuvxyz",
    "v": "aeiorsu", "w": "aehinorsy", "x": "apt", "y": "bcekmnost", "z": "adeinouyz",
}
# fmt: on
"""The letters that follow each letter in words of the languages that are written in Latin ones.

Counted in our own texts in 25 languages, without accents: 986 of 1,000 pairs of letters in a word
are among these, and half of those in a token.
"""
_UNUSUAL = re.compile(
    "(?=" + "|".join(f"{one}(?![{told}])[a-z]" for one, told in _FOLLOWERS.items()) + ")"
)
"""Two letters that do not stand together in words."""
_LONG, _GROUPS = 20, 3
"""Characters of a part that may be a token by itself, and how many groups a key has."""
_WORD = re.compile(r"[A-Z][a-z]{2,}|[a-z]{3,}")


def masked(path: str) -> str:
    """Return a path with e-mail addresses and tokens masked; its escapes are in upper case.

    A token is a UUID, a JWT, 16 or more hexadecimal digits (not digits alone), 20 or more digits,
    or 20 or more characters of base64, base62 or their like (`_is_token`).
    """
    path = without_emails(path)
    if not _NO_WORDS.search(path) or not _CANDIDATE.search(path):
        return path
    if "eyJ" in path:
        path = _JWT.sub(rf"\1{TOKEN}", path)
    return _RUN.sub(_masked_run, _NAMED.sub(TOKEN, path))


def without_emails(text: str) -> str:
    """Return a text with e-mail addresses masked, whether it is percent-encoded or not.

    Web addresses in it lose their user and password.
    """
    if not _may_have_address(text):
        return text
    for one in _USERS:
        text = one.sub(_without_user, text)
    return _EMAIL.sub(_masked_email, text)


def _may_have_address(text: str) -> bool:
    if text.isascii() and "@" not in text and "%" not in text:
        return False
    return bool(_ANY_AT.search(text))


def _without_user(found: re.Match[str]) -> str:
    """Return what stands before a user; without a scheme it is one where it has a password.

    What may end a host stands in a password alone: `https://example.org%2F@name` has no user.
    """
    colon, path = _ANY_COLON.search(found[3]), _PATH_BEGINS.search(found[3])
    if path and not (colon and colon.start() < path.start()):
        return found[0]
    return found[1] if found[2] or colon else found[0]


def _masked_email(found: re.Match[str]) -> str:
    if not found[2]:
        return found[0]
    before = _TEXT_BEFORE.match(found[1])
    return f"{before[0] if before else ''}{EMAIL}"


def _masked_run(found: re.Match[str]) -> str:
    run = found[0]
    if found[1]:
        return run
    return TOKEN if _is_token(_BETWEEN.split(run)) else _PARTS.sub(_masked_part, run)


def _masked_part(found: re.Match[str]) -> str:
    return TOKEN if _is_token([found[0]]) else found[0]


def _is_token(parts: list[str]) -> bool:
    """Return whether texts between hyphens are together no words.

    In a token letters of both cases and digits alternate (`breaks`), and letters stand together
    that do so in no word (`_unusual`), at every third character or more; in slugs with sizes,
    versions and names of models (`tv-55u8-4k-hdr10`) they do not. More than half of it is not
    words, so that a slug that ends with a short id stays, and `WhatIsNewInVersion3Of2024`. Where
    nothing alternates, it is a word that is too long for one, in which every fourth letter stands
    as in no word.
    """
    breaks = [len(_BREAK.findall(part)) for part in parts]
    if max(breaks) < 3 and not _is_long(parts) and not _is_grouped(parts):
        return False
    length = sum(map(len, parts))
    if (sum(breaks) + sum(map(_unusual, parts))) * (3 if any(breaks) else 4) < length:
        return False
    if not any(breaks):
        return True
    words = sum(
        _words_in(part) if broken else _word(part)
        for part, broken in zip(parts, breaks, strict=True)
    )
    return words * 2 < length


def _is_long(parts: list[str]) -> bool:
    return max(map(len, parts)) >= _LONG


def _is_grouped(parts: list[str]) -> bool:
    """Return whether a text has the form of a key: groups of one length, of which two are mixed.

    Mixed groups that begin alike are codes of one kind (`DIN4102-DIN8580-DIN1045`).
    """
    sizes = {len(part) for part in parts}
    mixed = [part[:2] for part in parts if _BREAK.search(part)]
    return (
        len(parts) >= _GROUPS
        and len(sizes) == 1
        and 3 < max(sizes) < 9
        and 2 <= len(mixed) == len(set(mixed))
    )


def _unusual(text: str) -> int:
    return len(_UNUSUAL.findall(text.lower()))


def _word(part: str) -> int:
    """Return how many characters of letters or digits alone could be a word or a number."""
    return 0 if len(part) > 3 and _unusual(part) * 3 >= len(part) else len(part)


def _words_in(part: str) -> int:
    """Return how many characters belong to what could be words."""
    found = _WORD.findall(part)
    return sum(len(word) for word in found if _unusual(word) <= len(word) // 8)
