"""Reads a report page as a person would: its figures, its tables, its text and its fields."""

from html.parser import HTMLParser

_VOID = {"input", "meta", "link", "br", "hr", "img"}


class Reading(HTMLParser):
    """`figures`: label to [value, change]; `tables`: caption or heading row to rows of texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.figures: dict[str, list[str]] = {}
        self.tables: dict[str, list[list[str]]] = {}
        self.links: dict[str, str] = {}
        self.fields: dict[str, str] = {}
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._open: list[str] = []
        self._piece = ""
        self._label = ""
        self._table: list[list[str]] = []
        self._caption = ""
        self._href = ""
        self._link = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag in ("dt", "dd", "th", "td", "caption"):
            self._piece = ""
        if tag == "table":
            self._table, self._caption = [], ""
        if tag == "tr":
            self._table.append([])
        if tag == "a":
            self._href, self._link = given.get("href", ""), ""
        if tag in ("input", "textarea", "select") and "name" in given:
            self.fields[given["name"]] = given.get("value", "")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_data(self, data: str) -> None:
        if not self._open or self._open[-1] not in ("script", "style"):
            self.text += data
            self._piece += data
            self._link += data

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass
        piece = " ".join(self._piece.split())
        if tag == "dt":
            self._label = piece
            self.figures[piece] = []
        if tag == "dd":
            self.figures[self._label].append(piece)
        if tag in ("th", "td"):
            self._table[-1].append(piece)
        if tag == "caption":
            self._caption = piece
        if tag == "table":
            self.tables[self._caption or " / ".join(self._table[0])] = self._table[1:]
        if tag == "a":
            self.links[" ".join(self._link.split())] = self._href
