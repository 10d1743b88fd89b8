"""The wire of the form without JavaScript: which button was pressed, and what that wishes."""

import re
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from askfirst.errors import Malformed
from consent.requests.wire import Choice, Erase, read_choice, read_erase

Wish = Choice | Erase

ACCEPTS = ("accept", "accept_all", "accept_once")
NOES = ("refuse", "accept")
_METHOD = "form"
_MOST_FIELDS = 64
_VERSION = re.compile(r"[0-9]{1,9}")
_LANGUAGE = re.compile(r"[A-Za-z0-9-]{1,35}")


def read_wish(site: str, body: bytes, held: str) -> Wish:
    """Read a posted form; `held` is the token of the yes that the visitor's cookie holds, or ''.

    "Save" with no purpose ticked is a no, and a no takes a yes back. Raises `Malformed` with
    the field and the reason.
    """
    pairs = _pairs(body)
    form = dict(pairs)
    pressed = form.get("choice", "")
    ticked = [value for name, value in pairs if name == "purposes"]
    token = form.get("token") or held
    if pressed == "erase":
        return read_erase(_json({"site": site, "token": token}))
    fields: dict[str, Any] = {"site": site, "method": _METHOD}
    if pressed == "withdraw":
        return read_choice(_json({**fields, "choice": "withdraw", "token": token}))
    offered = [value for name, value in pairs if name == "offered"]
    purposes = ticked if pressed == "accept" else offered
    if pressed in ACCEPTS and purposes:
        asked = {"version": _number(form), "language": form.get("language", "")}
        older = held or form.get("token")  # of a yes that ended: the page still knew it
        yes = {"purposes": purposes, "notice": form.get("notice", ""), "token": older or None}
        once = pressed == "accept_once"
        return read_choice(_json({**fields, **asked, **yes, "choice": "accept", "once": once}))
    if pressed in NOES and held:
        return read_choice(_json({**fields, "choice": "withdraw", "token": held}))
    if pressed in NOES:
        return read_choice(_json({**fields, **_told(form), "choice": "refuse"}))
    raise Malformed("No button of the form was pressed.", field="choice")


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode("ascii"), errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Malformed("The body is not an urlencoded form.") from error


def _number(form: dict[str, str]) -> int:
    text = form.get("version", "")
    if not _VERSION.fullmatch(text):
        raise Malformed("The version is a whole number from 1.", field="version")
    return int(text)


def _told(form: dict[str, str]) -> dict[str, Any]:
    """Give the version and language of a no, which only the counts want: a no fails for neither."""
    version = form.get("version", "")
    language = form.get("language", "")
    return {
        "version": int(version) if _VERSION.fullmatch(version) else 0,
        "language": language if _LANGUAGE.fullmatch(language) else "",
    }


def _json(fields: dict[str, Any]) -> bytes:
    return msgspec.json.encode(fields)
