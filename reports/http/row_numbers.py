"""The number of a row that a posted form names."""

from askfirst.errors import NotFound
from reports.http.forms import Form


def number_in(form: Form, field: str = "id") -> int:
    """Return the whole number of a field of a form; raises `NotFound` where it is none."""
    text = form.get(field, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFound("There is no such row.")
    return int(text)
