"""Addresses as people read them: percent-encoding and punycode are decoded where that is safe.

For what a page shows, never for what is stored, linked to or exported. Templates have both as
filters: `{{ row.path|place }}` for an address or a path, `{{ site.host|host }}` for a host.
"""

import re
import unicodedata
from urllib.parse import quote

import idna

from askfirst.web.shown_hosts import is_clear

_HOST = re.compile(r"(?P<wild>\*\.)?(?P<name>[^\s:/?#@%\[\]\\*]+)(?P<port>:[0-9]{1,5})?")
_STARRED = re.compile(r"\A\*[\u3002\uff0e\uff61]")
_WORDS = re.compile(r"\([a-z]+(?: [a-z]+)*\)")
"""What stands for an address that is not told; no recorded one begins like it."""
_START = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://|)(?P<host>[^/?#\\]*)", re.IGNORECASE)
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_UNSEEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs")
"""Unicode categories that stay encoded: controls, writing directions, blanks, unassigned."""
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\ufffc\ufffd"
    "\U0001d159\U000e0100-\U000e01ef]"
)
"""Characters that are invisible: fillers, joiners, variation selectors."""
_DELIMITERS = frozenset("/\\?#%&=:;@+<>\"'`\u2044\u2215\u2216\u2571\u29f8\u29f9")
"""The delimiters of an address, and characters that look like a slash."""
_MARKS_MOST = 3
"""Marks on one letter; more of them would cover the lines above and below."""


def place(address: str) -> str:
    """Return an address or a path as people read it: `/caf%C3%A9` is `/café`.

    Takes a path with or without a query, a complete address, or a host with a path. Valid
    UTF-8 is decoded; ASCII in escapes, blanks, controls, writing directions, look-alikes of a slash
    and bytes that are not UTF-8 stay encoded, or become so. The host is as `host` has it. Encoding
    the result gives the same address (URL Standard, percent-encoding by UTF-8). Never raises.

    Words in brackets, which stand for an address, stay as they are.
    """
    if _WORDS.fullmatch(address):
        return address
    if address.startswith("/"):
        return _readable(address)
    start = _START.match(address)
    if start is None or not start["host"]:
        return _readable(address)
    shown = host(start["host"]) if _HOST.fullmatch(start["host"]) else _readable(start["host"])
    return start["scheme"] + shown + _readable(address[start.end() :])


def host(name: str) -> str:
    """Return a host as people read it: `xn--mnchen-3ya.de` is `münchen.de`.

    Takes a host, with or without a port or a leading `*.`. A name that could be taken for another
    one stays in punycode (`askfirst/web/shown_hosts.py` has the rules). Never raises.
    """
    parts = _HOST.fullmatch(name)
    if parts is None or (name.isascii() and "xn--" not in name.lower()):
        return _escaped(name)
    spelled = _spelled(parts["name"])
    return f"{parts['wild'] or ''}{_decoded(spelled)}{parts['port'] or ''}"


def machine_host(name: str) -> str:
    """Return a host as browsers send it: `Straße.de` is `xn--strae-oqa.de`; raises `ValueError`.

    By UTS 46 as the URL Standard uses it: a ß stays a letter of its own, and a dot of another
    script is a dot, also after a star.
    """
    parts = _HOST.fullmatch(_STARRED.sub("*.", name))
    if parts is None:
        raise ValueError("This is no host.")
    encoded = idna.encode(parts["name"], uts46=True).decode("ascii")
    return f"{parts['wild'] or ''}{encoded}{parts['port'] or ''}"


def _spelled(name: str) -> str:
    if name.isascii():
        return _escaped(name.lower())
    try:
        return machine_host(name)
    except ValueError:
        return _escaped(name, ascii_only=True)


def _decoded(spelled: str) -> str:
    try:
        labels = [_label(one) for one in spelled.split(".")]
        back = [_back(one) for one in labels]
    except ValueError:
        return spelled
    return ".".join(labels) if is_clear(labels) and ".".join(back) == spelled else spelled


def _label(label: str) -> str:
    return idna.ulabel(label) if label.startswith("xn--") else label


def _back(label: str) -> str:
    return label if label.isascii() else idna.alabel(label).decode("ascii")


def _escaped(text: str, ascii_only: bool = False) -> str:
    return "".join(
        one
        if (one.isascii() and one.isprintable()) or not (ascii_only or _is_unseen(one))
        else _escape(one)
        for one in text
    )


def _escape(character: str) -> str:
    return quote(character, safe="", errors="surrogatepass")


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN or bool(_BLANK.match(character))


def _readable(text: str) -> str:
    shown: list[str] = []
    marks = _MARKS_MOST  # none without a letter before it
    for character, spelled in _spellings(text):
        is_mark = unicodedata.category(character).startswith("M")
        marks = marks + 1 if is_mark else 0
        seen = _is_shown(character, spelled) and marks <= _MARKS_MOST
        shown.append(character if seen else spelled)
        if not (is_mark or (seen and character.isalpha())):
            marks = _MARKS_MOST
    return "".join(shown)


def _is_shown(character: str, spelled: str) -> bool:
    if character.isascii():
        return spelled == character
    return not _is_unseen(character) and not _DELIMITERS & set(
        unicodedata.normalize("NFKC", character)
    )


def _spellings(text: str) -> list[tuple[str, str]]:
    """Return each character with its encoded form, for where it is not shown."""
    found: list[tuple[str, str]] = []
    end = 0
    for run in _ESCAPES.finditer(text):
        found += _raw(text[end : run.start()])
        found += _decoded_run(run[0])
        end = run.end()
    return found + _raw(text[end:])


def _raw(text: str) -> list[tuple[str, str]]:
    return [(one, one if "!" <= one <= "~" else _escape(one)) for one in text]


def _decoded_run(run: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    start = 0
    for one in bytes.fromhex(run.replace("%", "")).decode("utf-8", "surrogateescape"):
        end = start + 3 * len(one.encode("utf-8", "surrogateescape"))
        found.append((one, run[start:end]))
        start = end
    return found
