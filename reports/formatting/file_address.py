"""The addresses of files and charts, made of that of the page which shows the same."""

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


_OF_CHART = (
    *(*_KEPT, "metric", "step", "against", "against_from", "against_to"),
    *("goal", "funnel", "at", "steps", "a", "b", "c"),
)


def chart_address(href: str, name: str, form: str = "") -> str:
    """Return where a chart is as a file, or for the form '' the page on which it is interactive.

    Of `/sites/KEY?period=7d` it is `/sites/KEY/charts/hours.svg?period=7d`, where the name is
    `hours` and the form is `svg`; of a page below that it is the same.
    """
    parts = split_address(href)
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    query = urlencode({name: asked[name] for name in _OF_CHART if name in asked})
    site = "/".join(parts.path.split("/")[:3])
    return f"{site}/charts/{name}" + (f".{form}" if form else "") + (f"?{query}" if query else "")
