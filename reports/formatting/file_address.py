"""The address of a file, made of that of the list that it holds whole."""

from urllib.parse import parse_qsl, urlencode

from askfirst.web.urls import split_address

_KEPT = ("period", "from", "to", "by", "where", "on", "q")


def file_address(href: str, form: str) -> str:
    """Return where the whole of a list is as a file, or for the form '' the page of all files.

    Of `/sites/KEY?show=pages` it is `/sites/KEY/files/pages.csv`, where the form is `csv`.
    The period, the conditions, the search and the order of the list stay, its page does not.
    """
    parts = split_address(href)
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    kept = {name: asked[name] for name in _KEPT if name in asked}
    if form and "sort" in asked:
        usual = "up" if asked["sort"] == "name" else "down"
        sign = "-" if asked.get("order", usual) == "down" else ""
        kept["sort"] = f"{sign}{asked['sort']}"
    query = urlencode(kept)
    file = f"/{asked.get('show', 'over-time')}.{form}" if form else ""
    return f"{parts.path}/files{file}" + (f"?{query}" if query else "")
