"""Reading the form of a wording into a draft."""

import re
from typing import Any

from askfirst.events import PURPOSE
from askfirst.sites import IP_MODES
from reports.http.forms import Form
from reports.wording_editor import Draft, WordingEditor, WordingOptions

FACTS = ("name", "privacy_url", "authority", "manager", "ip_mode", "default_language")
CONTROLLER = {"controller": "name", "address": "address", "contact": "contact"}
_BARE_COLOUR = re.compile(r"[0-9a-f]{6}")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
NUMBERS = ("retention_months", "choice_days", "refusal_days")


def read_draft(form: Form, draft: Draft, editor: WordingEditor, tag: str) -> Draft:
    """Return the draft that a posted form means; `tag` is the language whose words it holds.

    Fields that the form leaves out stay as they are, except for checkboxes, which are sent only
    when ticked. Nothing is refused here: a draft may have problems, but it can always be shown. So
    one language stays on, and an unknown `ip_mode` changes nothing.
    """
    options = editor.options()
    made = {**draft, **{name: form[name].strip() for name in FACTS if name in form}}
    made |= {name: _number(form[name]) for name in NUMBERS if name in form}
    made["controller"] = draft["controller"] | {
        part: form[name].strip() for name, part in CONTROLLER.items() if name in form
    }
    if "recipients" in form:
        lines = (line.strip() for line in form["recipients"].split("\n"))
        made["recipients"] = [line for line in lines if line]
    made["only_this_visit"] = "only_this_visit" in form
    if made["ip_mode"] not in IP_MODES:
        made["ip_mode"] = draft["ip_mode"]
    made["languages"] = _languages(form, made, options)
    made["theme"] = _theme(form, draft, options)
    made["purposes"] = editor.placed(_added(form, options))
    made["own"] = _own(form, made, editor, tag)
    return made


def _languages(form: Form, draft: Draft, options: WordingOptions) -> list[str]:
    ticked = [name for name in options.languages if f"language.{name}" in form]
    default = draft["default_language"]
    return ticked or [default if default in options.languages else next(iter(options.languages))]


def _number(text: str) -> int:
    """Read a whole number; anything else becomes 0, which no check accepts."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0


def _theme(form: Form, draft: Draft, options: WordingOptions) -> dict[str, str]:
    chosen = {name: _colour(form, name, draft, options) for name in options.colours}
    return {name: said for name, said in chosen.items() if said not in ("", options.colours[name])}


def _colour(form: Form, name: str, draft: Draft, options: WordingOptions) -> str:
    """Return the typed colour, or the picked one where only that was changed.

    Without scripts a form sends both fields; the one that is unchanged does not count. `24405c` is
    read as `#24405c`.
    """
    before = draft["theme"].get(name, options.colours[name])
    typed = form.get(f"theme.{name}", "").strip().lower()
    typed = f"#{typed}" if _BARE_COLOUR.fullmatch(typed) else typed
    offered = picked_colour(before, options.colours[name])
    picked = form.get(f"pick.{name}", offered).strip().lower()
    return picked if typed == before and picked != offered else typed


def picked_colour(colour: str, shipped: str) -> str:
    """Return what the colour picker shows: the colour, or the shipped one if it is not valid."""
    return colour if _COLOUR.fullmatch(colour) else shipped


def _added(form: Form, options: WordingOptions) -> list[dict[str, Any]]:
    typed = (form.get(f"purpose.{row}", "") for row in range(options.purposes_most))
    ticked = [name for name in options.offered if f"offered.{name}" in form]
    ids = dict.fromkeys([*(name for text in typed if (name := _purpose_id(text))), *ticked])
    ids.pop(PURPOSE, None)
    return [
        {
            "id": name,
            "columns": [
                column for column in options.columns if form.get(f"column.{column}") == name
            ],
        }
        for name in ids
    ]


def _purpose_id(text: str) -> str:
    """Return the id that was meant, e.g. `shop-ads` for `Shop ads`."""
    return re.sub(r"[^a-z0-9]+", "-", text.strip().lower()).strip("-")[:32]


def _own(form: Form, draft: Draft, editor: WordingEditor, tag: str) -> dict[str, dict[str, str]]:
    """Return the words that differ from the shipped ones, without those of removed purposes."""
    ids = {purpose["id"] for purpose in draft["purposes"]}
    own = {
        name: {key: text for key, text in words.items() if _belongs(key, ids)}
        for name, words in draft["own"].items()
    }
    if tag not in editor.options().languages:
        return own
    shipped = editor.shipped_words(draft, tag)
    typed = {key: _line(form[key]) for key in shipped if key in form}
    kept = own.get(tag, {}) | typed
    own[tag] = {key: text for key, text in kept.items() if text not in ("", shipped.get(key, ""))}
    return {name: words for name, words in own.items() if words}


def _belongs(key: str, ids: set[str]) -> bool:
    section, _, rest = key.partition(".")
    return section != "purposes" or rest.rpartition(".")[0] in ids


def _line(text: str) -> str:
    # Only the line breaks of a form: French puts narrow spaces before ; and ?.
    return re.sub(r"[ \t\r\n]+", " ", text).strip(" ")
