"""In which order a language has its letters, for lists of names."""

import unicodedata

_LATIN = "abcdefghijklmnopqrstuvwxyz"
_NORDIC, _SLAVIC = f"{_LATIN}åäö", "abcčćdđefghijklmnopqrsštuvwxyzž"
_ALPHABETS = {
    "cs": "abcčdefghijklmnopqrřsštuvwxyzž",
    "da": f"{_LATIN}æøå",
    "es": "abcdefghijklmnñopqrstuvwxyz",
    "et": "abcdefghijklmnopqrsšzžtuvwõäöüxy",
    "fi": _NORDIC,
    "hr": _SLAVIC,
    "hu": "abcdefghijklmnoöpqrstuüvwxyz",
    "lt": "abcčdefghijklmnopqrsštuvwxyzž",
    "lv": "abcčdefgģhijkķlļmnņopqrsštuvwxyzž",
    "mt": "abċcdefġghħijklmnopqrstuvwxżz",
    "pl": "aąbcćdeęfghijklłmnńoópqrsśtuvwxyzźż",
    "ro": "aăâbcdefghiîjklmnopqrsștțuvwxyz",
    "sk": "aäbcčdefghijklmnoôpqrsštuvwxyzž",
    "sl": _SLAVIC,
    "sv": _NORDIC,
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
}
"""The letters that a language tells apart; others are sorted as their letter without an accent."""
_AFTER_H = ("cs", "sk")  # where "ch" is a letter
_LAST = "\uffff"


def in_alphabet(name: str, tag: str) -> tuple[tuple[int, ...], str]:
    """Return the key that sorts a name in the language of a tag, and the name, for equal ones."""
    letters = unicodedata.normalize("NFC", name.casefold())
    if tag in _AFTER_H:
        letters = letters.replace("ch", f"h{_LAST}")
    alphabet = _ALPHABETS.get(tag, _LATIN)
    return tuple(place for one in letters for place in _places(one, alphabet)), name


def _places(letter: str, alphabet: str) -> list[int]:
    """Return where a letter stands; what is in no alphabet stands after it, blanks before it."""
    if letter in alphabet:
        return [1 + alphabet.index(letter)]
    plain = unicodedata.normalize("NFKD", letter)
    return [_place(one, alphabet) for one in plain if not unicodedata.combining(one)]


def _place(letter: str, alphabet: str) -> int:
    if letter in alphabet:
        return 1 + alphabet.index(letter)
    is_letter = letter.isalnum() or letter == _LAST
    return len(alphabet) + ord(letter) if is_letter else 0
