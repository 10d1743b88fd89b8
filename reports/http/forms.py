"""Reading a posted form, and checking its size and encoding."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from askfirst.errors import Malformed, TooLarge

Form = Mapping[str, str]
"""The fields of a posted form by name; of a name that is sent twice, the last value."""

BAD_INPUT = 422
"""The status of a page that shows what is wrong in its form."""
FORM_BYTES = 32_768
FORM_FIELDS = 32


async def read_form(request: Request, size: int = 1) -> Form:
    """Read a urlencoded form; `size` is how many times the usual limits it may take.

    Raises `TooLarge` or `Malformed`.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > size * FORM_BYTES:
            raise TooLarge(f"A form may be {size * FORM_BYTES} bytes long.")
    return _fields(bytes(body), size * FORM_FIELDS)


def _fields(body: bytes, most: int) -> Form:
    try:
        pairs = parse_qsl(body.decode("ascii"), True, errors="strict", max_num_fields=most)
    except ValueError as error:
        raise Malformed("The form is not urlencoded UTF-8 with a few fields.") from error
    # Browsers send CR LF for a line break; NUL is not allowed in any of our fields.
    return {name: value.replace("\r\n", "\n").replace("\0", "") for name, value in pairs}
