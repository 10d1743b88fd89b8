"""A page as one file that opens offline: styles in it, no script, no form, no control of ours."""

import re
from html import escape
from html.parser import HTMLParser

from askfirst.system.assets import asset_bytes

_STATIC = re.compile(r"/static/(css/[a-z_/]+\.css)(?:\?|$)")
_LEFT_OUT = frozenset(("script", "form", "header", "button", "input", "textarea", "select"))
_TOOLS = frozenset(("noprint", "seg", "off"))
"""The classes of what only the server can answer, or holds of this minute alone."""
_NAMES_IN = frozenset(("dt", "th"))
"""Where a link of ours names a figure or a row, so that its words stay; so do those of a filter."""
_EMPTY = re.compile(r"<(p|li|ul|dd)(?: [^<>]*)?>\s*</\1>")
"""What stands around nothing once what was in it is left out."""
_VOID = frozenset(("input", "link", "meta", "img", "br", "hr"))
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What the file may load: nothing but its own styles, wherever it is opened."""


def offline(html: str) -> str:
    """Return a page of ours as such a file; what needs the server is left out."""
    writer = _Writer()
    writer.feed(html)
    writer.close()
    return _without_empty("".join(writer.pieces))


def _without_empty(html: str) -> str:
    """Leave out paragraphs, and rows of lists, of which nothing is left."""
    left, found = _EMPTY.subn("", html)
    return _without_empty(left) if found else left


class _Writer(HTMLParser):
    """Copies a page without what needs the server; names that were links are plain text.

    Of choices, such as the tabs of a card, the one that is made is left.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[str] = []
        self._left_out: list[str] = []
        self._links: list[str] = []
        self._navs = 0
        self._names = 0

    def handle_decl(self, decl: str) -> None:
        """Keep the doctype."""
        self.pieces.append(f"<!{decl}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element without content, as most of a drawing."""
        if not self._left_out and tag not in _LEFT_OUT:
            self.pieces.append(self.get_starttag_text() or "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the beginning of an element, change it, or leave all of it out."""
        known = {name: value or "" for name, value in attrs}
        if self._left_out or _needs_the_server(tag, known) or self._is_control(tag, known):
            if tag not in _VOID:
                self._left_out.append(tag)
            return
        self._navs += tag == "nav"
        self._names += tag in _NAMES_IN
        if tag == "a":
            self._begin_link(known)
        elif tag == "link":
            self._inline(known)
        elif tag == "meta" and "charset" in known:
            text = f'{self.get_starttag_text()}\n  <meta http-equiv="Content-Security-Policy"'
            self.pieces.append(f'{text} content="{_POLICY}">')
        elif "paper" in known.get("class", "").split():
            self.pieces.append(f'<{tag} class="muted">')  # who reads it has no menu of periods
        else:
            self.pieces.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        """Keep the end of what was kept."""
        if self._left_out:
            if self._left_out[-1] == tag:
                self._left_out.pop()
            return
        self._navs -= tag == "nav"
        self._names -= tag in _NAMES_IN
        self.pieces.append(f"</{self._links.pop() if tag == 'a' else tag}>")

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self._keep(data)

    def handle_entityref(self, name: str) -> None:
        """Keep an entity."""
        self._keep(f"&{name};")

    def handle_charref(self, name: str) -> None:
        """Keep a character's number."""
        self._keep(f"&#{name};")

    def _keep(self, text: str) -> None:
        if not self._left_out:
            self.pieces.append(text)

    def _is_control(self, tag: str, known: dict[str, str]) -> bool:
        """Return whether this is a link that leads on in Askfirst, and says nothing by itself."""
        if tag != "a" or known.get("href", "").startswith("https://"):
            return False
        if self._navs:
            return "aria-current" not in known
        classes = known.get("class", "").split()
        return "means" in classes or not (self._names or "say" in classes)

    def _begin_link(self, known: dict[str, str]) -> None:
        """Begin a link to another website, or the text of what was a link of ours."""
        href, of_class = known.get("href", ""), known.get("class", "")
        told = f' class="{escape(of_class)}"' if of_class else ""
        if current := known.get("aria-current", ""):
            told += f' aria-current="{escape(current)}"'
        if href.startswith("https://"):
            self._links.append("a")
            self.pieces.append(f'<a{told} href="{escape(href)}" rel="noreferrer">')
        else:
            self._links.append("span")
            self.pieces.append(f"<span{told}>")

    def _inline(self, known: dict[str, str]) -> None:
        found = _STATIC.search(known.get("href", ""))
        if known.get("rel") == "stylesheet" and found:
            css = asset_bytes(f"static/{found[1]}").decode()
            self.pieces.append(f"<style>\n{css}</style>")


def _needs_the_server(tag: str, known: dict[str, str]) -> bool:
    classes = known.get("class", "").split()
    is_menu = tag == "details" and bool({"menu", "chart-files"} & {*classes})
    is_ours = tag == "img" and not known.get("src", "").startswith("data:")
    return is_ours or tag in _LEFT_OUT or is_menu or not _TOOLS.isdisjoint(classes)
