"""A page as one file that opens offline: styles in it, no script, no form, no link of ours."""

import re
from html import escape
from html.parser import HTMLParser

from askfirst.system.assets import asset_path

_STATIC = re.compile(r"/static/(css/[a-z_/]+\.css)(?:\?|$)")
_LEFT_OUT = frozenset(("script", "form", "header", "button", "input", "textarea", "select"))
_TOOLS = frozenset(("skip", "off", "files", "means"))
"""The classes of links that are no content."""
_VOID = frozenset(("input", "link", "meta", "img", "br", "hr"))
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What the file may load: nothing but its own styles, wherever it is opened."""


def offline(html: str) -> str:
    """Return a page of ours as such a file; what needs the server is left out."""
    writer = _Writer()
    writer.feed(html)
    writer.close()
    return "".join(writer.pieces)


class _Writer(HTMLParser):
    """Copies a page, with links of ours as plain text and without what needs the server.

    Of choices, such as the tabs of a card, the one that is made is left.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[str] = []
        self._left_out: list[str] = []
        self._links: list[str] = []
        self._navs = 0

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
        is_other = tag == "a" and self._navs > 0 and "aria-current" not in known
        if self._left_out or is_other or _needs_the_server(tag, known):
            if tag not in _VOID:
                self._left_out.append(tag)
            return
        self._navs += tag == "nav"
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
            css = asset_path(f"static/{found[1]}").read_text(encoding="utf-8")
            self.pieces.append(f"<style>\n{css}</style>")


def _needs_the_server(tag: str, known: dict[str, str]) -> bool:
    classes = known.get("class", "").split()
    is_menu = tag == "details" and bool({"menu", "chart-files"} & {*classes})
    is_ours = tag == "img" and not known.get("src", "").startswith("data:")
    return is_ours or tag in _LEFT_OUT or is_menu or (tag == "a" and _TOOLS & {*classes} != set())
