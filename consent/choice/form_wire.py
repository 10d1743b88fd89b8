"""The wire of the form without JavaScript: which button was pressed, and what it asks for."""

import re
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from askfirst.errors import Malformed
from consent.http.wire import Action, Choice, read_choice, read_erase

_METHOD = "form"
_MOST_FIELDS = 64
_VERSION = re.compile(r"[0-9]{1,9}")
_LANGUAGE = re.compile(r"[A-Za-z0-9-]{1,35}")

Form = dict[str, str]


def read_action(site: str, body: bytes, held: str) -> Action:
    """Read a posted form; `held` is the token of the yes that the visitor's cookie holds, or ''.

    Raises `Malformed` with the field and the reason.
    """
    pairs = _pairs(body)
    form = dict(pairs)
    token = form.get("token") or held
    ticked = [value for name, value in pairs if name == "purposes"]
    offered = [value for name, value in pairs if name == "offered"]
    match form.get("choice"):
        case "erase":
            return read_erase(_json({"site": site, "token": token}))
        case "withdraw":
            return _choice(site, choice="withdraw", token=token)
        case "accept" if ticked:  # the button "Save"
            return _acceptance(site, form, ticked, held)
        case "accept_all" | "accept_once" if offered:
            return _acceptance(site, form, offered, held)
        case "accept" | "refuse":  # "Save" with no purpose ticked is a no
            return _refusal(site, form, held)
        case _:
            raise Malformed("No button of the form was pressed.", field="choice")


def _acceptance(site: str, form: Form, purposes: list[str], held: str) -> Choice:
    older = held or form.get("token")  # the page still knows the token of a yes that has ended
    return _choice(
        site,
        choice="accept",
        purposes=purposes,
        version=_version(form),
        language=form.get("language", ""),
        notice=form.get("notice", ""),
        token=older or None,
        once=form["choice"] == "accept_once",
    )


def _refusal(site: str, form: Form, held: str) -> Choice:
    """Return a no, which withdraws the yes that is held.

    Only the counts need its version and language, so a no does not fail for them.
    """
    if held:
        return _choice(site, choice="withdraw", token=held)
    version, language = form.get("version", ""), form.get("language", "")
    return _choice(
        site,
        choice="refuse",
        version=int(version) if _VERSION.fullmatch(version) else 0,
        language=language if _LANGUAGE.fullmatch(language) else "",
    )


def _choice(site: str, **fields: Any) -> Choice:
    return read_choice(_json({"site": site, "method": _METHOD, **fields}))


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode("ascii"), errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Malformed("The body is not an urlencoded form.") from error


def _version(form: Form) -> int:
    text = form.get("version", "")
    if not _VERSION.fullmatch(text):
        raise Malformed("The version is a whole number from 1.", field="version")
    return int(text)


def _json(fields: dict[str, Any]) -> bytes:
    return msgspec.json.encode(fields)
