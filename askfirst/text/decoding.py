"""Strict decoding of JSON into typed values; each error names the field and the reason."""

import re
from typing import TypeVar

import msgspec

from askfirst.errors import Malformed

T = TypeVar("T")

_AT = re.compile(r"^(?P<what>.*?)(?: - at (?:`key` in )?`\$?\.?(?P<where>[^`]*)`)?$", re.DOTALL)
_NAMED = re.compile(r"required field `(?P<name>\w+)`")


_SURROGATES = re.compile(
    rb"(\\[^u]|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
"""Escapes of JSON that stay, among them whole pairs of surrogates; and single surrogates."""


def with_whole_characters(body: bytes) -> bytes:
    """Return JSON with U+FFFD for each half of a character that is escaped in it.

    A browser writes a text that was cut within an emoji as `"\\ud83d"`, which is no Unicode text.
    """
    if b"\\" not in body or (b"\\ud" not in body and b"\\uD" not in body):
        return body
    return _SURROGATES.sub(lambda found: found[1] or b"\\ufffd", body)


def decode(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """Decode JSON bytes; raises `Malformed` with the field's path, e.g. `events[0].url`.

    The message says what was expected and never repeats what was sent.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _malformed(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed("The body is not JSON in UTF-8.") from error


def _malformed(text: str) -> Malformed:
    found = _AT.match(text)
    what, where = (found["what"], found["where"] or "") if found else (text, "")
    if missing := _NAMED.search(what):
        where = f"{where}.{missing['name']}".lstrip(".")
    return Malformed(_sentence(what), field=where or None)


def _sentence(what: str) -> str:
    if "missing required field" in what:
        return "A required field is missing."
    if "unknown field" in what:
        return "There is a field that the contract does not know."
    if what.startswith("Invalid"):
        return "The value is not one of those allowed."
    return f"{what.replace('`', '').rstrip('.')}."
