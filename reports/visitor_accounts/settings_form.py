"""The form in which staff choose what visitors are asked, and which messages they are offered."""

from collections.abc import Mapping
from dataclasses import dataclass

from askfirst.store.ledger.accounts.fields import FIELDS, LONGEST_REASON, AskedField
from askfirst.store.ledger.accounts.messages import LONGEST_WORDS, OWN

NO_REASON = "Say why you ask for it: the visitor reads it beside the field."
TOO_LONG = "Write at most {number} characters, on one line."


@dataclass(frozen=True)
class SettingsForm:
    """What is ticked and typed, by field and by kind of message, and what is wrong by name."""

    asked: Mapping[str, str]
    """The reason for each field that is asked."""
    reasons: Mapping[str, str]
    """What stands as the reason of any field."""
    offered: Mapping[str, str]
    """The words about each kind that is offered."""
    words: Mapping[str, str]
    """What stands as the words about any kind."""
    errors: Mapping[str, str]

    @property
    def fields(self) -> list[AskedField]:
        """The fields that are asked, in the order of the page."""
        return [AskedField(name, reason) for name, reason in self.asked.items()]


def form_of(asked: Mapping[str, str], offered: Mapping[str, str]) -> SettingsForm:
    """Return the form of what holds now."""
    return SettingsForm(asked, asked, offered, offered, {})


def read_settings(form: Mapping[str, str]) -> SettingsForm:
    """Return what was typed, with an error for each field without a reason or with a long text."""
    reasons = {name: _line(form.get(f"why_{name}", "")) for name in FIELDS}
    words = {kind: _line(form.get(f"words_{kind}", "")) for kind in OWN}
    asked = {name: reasons[name] for name in FIELDS if f"ask_{name}" in form}
    errors = {f"why_{name}": NO_REASON for name, reason in asked.items() if not reason}
    errors |= _too_long("why", reasons, LONGEST_REASON) | _too_long("words", words, LONGEST_WORDS)
    offered = {kind: words[kind] for kind in OWN if f"offer_{kind}" in form}
    return SettingsForm(asked, reasons, offered, words, errors)


def _line(text: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _too_long(prefix: str, texts: Mapping[str, str], most: int) -> dict[str, str]:
    said = TOO_LONG.replace("{number}", str(most))
    return {f"{prefix}_{name}": said for name, text in texts.items() if len(text) > most}
