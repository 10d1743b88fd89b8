"""The forms of the receipt pages, as they are posted."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from askfirst.errors import Malformed
from consent.http.body import read_body

_MOST_FIELDS = 8


async def read_form(request: Request, most: int, most_fields: int = _MOST_FIELDS) -> dict[str, str]:
    """Return the fields of a form of at most `most` bytes; raises `Malformed` and `TooLarge`."""
    body = await read_body(request, most)
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=most_fields))
    except ValueError as error:
        raise Malformed("The body is not a form in UTF-8.") from error
