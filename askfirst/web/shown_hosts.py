"""Which international host names are shown in their own letters: those that resemble no other.

The rules follow those of browsers (UTS 39, "single script" and "whole-script confusables") and are
stricter: only Japanese, Korean and Chinese labels may mix scripts.
"""

# ruff: noqa: RUF001, letters that look alike are what this file is about
import re
import unicodedata
from collections.abc import Sequence

import idna

_PLAIN = re.compile(r"[a-z0-9_-]*")
_NEUTRAL = re.compile(r"[0-9-]")
# fmt: off
_SCRIPTS = frozenset((
    "ARABIC", "ARMENIAN", "BENGALI", "BOPOMOFO", "CJK", "CYRILLIC", "DEVANAGARI", "ETHIOPIC",
    "GEORGIAN", "GREEK", "GUJARATI", "GURMUKHI", "HANGUL", "HEBREW", "HIRAGANA", "KANNADA",
    "KATAKANA", "KHMER", "LAO", "LATIN", "MALAYALAM", "MYANMAR", "ORIYA", "SINHALA", "TAMIL",
    "TELUGU", "THAANA", "THAI", "TIBETAN",
))
# fmt: on
"""The scripts of UAX 31, table 5, as the Unicode names of letters begin."""
_MARKED = _SCRIPTS - {"ARABIC", "ARMENIAN", "CJK", "CYRILLIC", "GREEK", "HEBREW", "LATIN"}
"""Scripts that cannot be written without marks; in the others a mark is easily overlooked."""
_TOGETHER = (
    frozenset({"CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"CJK", "HANGUL"}),
    frozenset({"CJK", "BOPOMOFO"}),
)
_WORDS = {"IDEOGRAPHIC": "CJK"}
_LATIN = re.compile(
    "[a-z0-9\xdf-\xf6\xf8-\xfd\xff-\u0130\u0132-\u0137\u013a-\u013e\u0142-\u0148\u014b-\u017e-]*"
)
_AT_HOME = (
    ("ı", ("tr", "az")),
    ("ə", ("az",)),
    ("þ", ("is",)),
    ("șț", ("ro", "md")),
    ("ơư\u1ea0-\u1ef9", ("vn",)),
)
"""Latin letters that are easily mistaken for plainer ones, and the domains that use them."""
_LIKE_LATIN = {
    "ARMENIAN": "ագզէըիլհյնոպռսցւքօֆ",
    "CJK": "一丨丶丿乙了二八十卜口工日曰人入",
    "CYRILLIC": "авсԁеԍгһініјӏкмнорԗпԛѕтԝхуъьыҽѵѡюзб",
    "DEVANAGARI": "ऽरटठपम",
    "ETHIOPIC": "ሀሁህሆሠሰሱበቡዐዑዕተትነዘፐ",
    "GEORGIAN": "იოყძხჽჿეპრ",
    "GREEK": "αβγεικνορστυχωηϲϳμ",
    "HEBREW": "דוחיןסרטםנל",
    "ARABIC": "اهوٱہھةد",
    "HIRAGANA": "くしつへりいこ",
    "KATAKANA": "ノニハヘロエリイトーミソン",
    "HANGUL": "이미니아",
    "KANNADA": "ಂಃಠರಲ",
    "LAO": "ບປພຟທນຍຣລອ",
    "MALAYALAM": "ടഠധനറ",
    "MYANMAR": "ခဂငထပဝင",
    "ORIYA": "ଠଟଳ",
    "TAMIL": "டபம",
    "TELUGU": "రలంః",
    "THAI": "ทนบพรหเแดลปฟมยอ",
}
"""Letters that look like Latin ones; a label of only these could be mistaken for another name."""


def is_clear(labels: Sequence[str]) -> bool:
    """Return whether no label of a host, in its own letters, could be mistaken for another name."""
    top = labels[-1]
    return (
        all(labels)
        and all(_is_of_one_script(one) for one in labels)
        and all(_is_expected_latin(one, top) for one in labels)
        and not any(_looks_latin(one) for one in labels[:-1])
        and _runs_one_way(labels)
    )


def _is_of_one_script(label: str) -> bool:
    if _PLAIN.fullmatch(label):
        return True
    letters = [one for one in label if not _NEUTRAL.match(one)]
    scripts = {_script(one) for one in letters}
    if not all(_is_letter(one) for one in letters) or not scripts <= _SCRIPTS:
        return False
    return len(scripts) == 1 or any(scripts <= group for group in _TOGETHER)


def _script(letter: str) -> str:
    word = re.split("[ -]", unicodedata.name(letter, ""))[0]
    return _WORDS.get(word, word)


def _is_letter(letter: str) -> bool:
    kind = unicodedata.category(letter)
    return kind in ("Ll", "Lo", "Lm") or (kind in ("Mn", "Mc") and _script(letter) in _MARKED)


def _is_expected_latin(label: str, top: str) -> bool:
    if label.isascii() or (_script(label[0]) != "LATIN" and not re.search("[a-z]", label)):
        return True
    at_home = "".join(letters for letters, domains in _AT_HOME if top in domains)
    return bool(_LATIN.fullmatch(re.sub(f"[{at_home}]", "", label) if at_home else label))


def _looks_latin(label: str) -> bool:
    letters = [one for one in label if not _NEUTRAL.match(one)]
    return not label.isascii() and all(one in _LIKE_LATIN.get(_script(one), "") for one in letters)


def _runs_one_way(labels: Sequence[str]) -> bool:
    if not any(unicodedata.bidirectional(one) in ("R", "AL", "AN") for one in "".join(labels)):
        return True
    try:
        return all(idna.check_bidi(one, check_ltr=True) for one in labels)
    except idna.IDNABidiError:
        return False
