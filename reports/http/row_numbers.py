"""The number of a row that a posted form or an address names."""

from starlette.requests import Request

from askfirst.errors import NotFound
from reports.http.forms import Form


def number_in(form: Form, field: str = "id") -> int:
    """Return the whole number of a field of a form; raises `NotFound` where it is none."""
    return _read(form.get(field, ""))


def number_in_path(request: Request) -> int:
    """Return the `number` of the address, 0 where its route has none; raises `NotFound`.

    The routes take it as text: their own `int` fails above 4,300 digits, before the session is
    checked.
    """
    return _read(request.path_params.get("number", "0"))


def _read(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFound("There is no such row.")
    return int(text)
