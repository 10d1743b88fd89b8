"""Reading a posted form: its size, its encoding, where it came from and its secret."""

import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from askfirst.errors import Malformed, Refused, TooLarge
from askfirst.settings import Settings
from askfirst.sites import host_of
from askfirst.web.ip_addresses import is_this_machine

Form = Mapping[str, str]
"""The fields of a posted form by name; a name that came twice holds the last value."""

BAD_INPUT = 422
"""The status of a page whose form came with something to be changed."""
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
    # Browsers send CR LF for a line break; a NUL has no place in any of our fields.
    return {name: value.replace("\r\n", "\n").replace("\0", "") for name, value in pairs}


def check_csrf(form: Form, expected: str) -> None:
    """Refuse a form that does not carry the session's secret, compared in constant time."""
    given = form.get("csrf", "").encode()
    if not hmac.compare_digest(given, expected.encode()):
        raise Refused("bad_csrf", "The form is not from this session. Open the page again.")


def check_same_origin(request: Request, settings: Settings) -> None:
    """Refuse a form that another website sent, where no session can hold a secret yet.

    `Sec-Fetch-Site` says it outright. Where a browser leaves it out (plain HTTP), `Origin` must
    name this host. A request with neither is refused as well. Where `public_url` is set, the page
    that sent the form must be under it too, or under the machine's own name: a stranger's domain
    whose address was changed to this server's ("DNS rebinding") is same-origin to a browser, and in
    `Host` as well.
    """
    said = request.headers.get("sec-fetch-site")
    origin = host_of(request.headers.get("origin", ""))
    asked = request.headers.get("host", "").lower()
    if said:
        known = not settings.public_url or _is_own(origin or asked, asked, settings)
        same = said in ("same-origin", "none") and known
    else:
        same = origin is not None and _is_own(origin, asked, settings)
    if not same:
        raise Refused("bad_origin", "The form does not come from this website.")


def _is_own(host: str, asked: str, settings: Settings) -> bool:
    """Return whether a host is this server's, as far as `asked`, the `Host` header, may tell it."""
    if host == host_of(settings.public_url):
        return True
    return host == asked and (not settings.public_url or is_this_machine(host))
