"""What a visitor types into the fields of an account, and what is wrong with it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from consent.accounts.payment_numbers import has_payment_number

LONGEST: Mapping[str, int] = {
    "name": 200,
    "address": 400,
    "telephone": 40,
    "postal_code": 16,
    "preferences": 1000,
    "interests": 1000,
}
"""How many characters a field takes at most, for those that are typed."""
ANSWERS: Mapping[str, tuple[str, ...]] = {
    "age_band": ("0-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+"),
    "gender": ("woman", "man", "other"),
}
"""The answers of those that are chosen."""
LINES = frozenset({"address", "preferences", "interests"})
"""Fields of several lines."""
_LOOKED_AT = 2000
"""How many characters are searched for numbers at most: longer texts would hold up the server."""
_TELEPHONE_DIGITS = range(5, 16)
_TELEPHONE = re.compile(r"\+?[0-9 ()/.\-]+")


@dataclass(frozen=True)
class Typed:
    """What was typed: tidy values, '' for none, and the key of the words about each problem.

    A value that looks like the number of a card or bank account is left out, and one that is much
    too long to be searched for them.
    """

    values: Mapping[str, str]
    problems: Mapping[str, str]


def read_typed(form: Mapping[str, str], names: Iterable[str]) -> Typed:
    """Return what a form says of these fields; a field that it lacks is empty."""
    values: dict[str, str] = {}
    problems: dict[str, str] = {}
    for name in names:
        value = _tidy(form.get(name, ""), name)
        if len(value) > _LOOKED_AT:
            problems[name] = "field_wrong_choice" if name in ANSWERS else "field_wrong_long"
            continue
        if _is_payment(name, value):
            problems[name] = "field_wrong_payment"
            continue
        values[name] = value
        if problem := _problem(name, value):
            problems[name] = problem
    return Typed(values, problems)


def _tidy(text: str, name: str) -> str:
    """Return a text without control characters and blanks that say nothing."""
    lines = [
        " ".join("".join(one if one.isprintable() else " " for one in line).split())
        for line in text.splitlines()
    ]
    return ("\n" if name in LINES else " ").join(lines).strip()


def _is_payment(name: str, value: str) -> bool:
    if name == "telephone" and _is_international(value):  # whatever stands between its digits
        value = "+" + "".join(one for one in value if one.isdigit())
    return has_payment_number(value)


def _is_international(value: str) -> bool:
    """Return whether a value is a telephone number of ITU-T E.164, with + and its country."""
    return value.startswith("+") and not _problem("telephone", value)


def _problem(name: str, value: str) -> str:
    if name in ANSWERS:
        return "field_wrong_choice" if value and value not in ANSWERS[name] else ""
    if len(value) > LONGEST[name]:
        return "field_wrong_long"
    if name == "telephone" and value and not _is_telephone(value):
        return "field_wrong_telephone"
    if name == "postal_code" and not all(one.isalnum() or one in " -" for one in value):
        return "field_wrong_postal_code"
    return ""


def _is_telephone(value: str) -> bool:
    digits = sum(one.isdigit() for one in value)
    return bool(_TELEPHONE.fullmatch(value)) and digits in _TELEPHONE_DIGITS
