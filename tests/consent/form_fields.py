"""Reads the forms of a page: for each button where its form goes and the hidden fields with it."""

from html.parser import HTMLParser

Forms = dict[str, tuple[str, dict[str, str | list[str]]]]


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: Forms = {}
        self._action = ""
        self._fields: dict[str, str | list[str]] = {}
        self._buttons: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._action, self._fields, self._buttons = given["action"], {}, []
        elif tag == "input" and given.get("type") == "hidden":
            self._keep(given["name"], given["value"])
        elif tag == "button" and "value" in given:
            self._buttons.append(given["value"])

    def _keep(self, name: str, value: str) -> None:
        before = self._fields.get(name)
        listed = [before] if isinstance(before, str) else before
        self._fields[name] = value if listed is None else [*listed, value]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.forms |= dict.fromkeys(self._buttons, (self._action, self._fields))


def forms_of(html: str) -> Forms:
    """Return (action, hidden fields) by the value of each button."""
    reading = _Reading()
    reading.feed(html)
    return reading.forms
