"""Reading a posted form, and checking its size, encoding, origin and secret."""

import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from askfirst.errors import Malformed, Refused, TooLarge
from askfirst.settings import Settings
from askfirst.sites import host_of
from askfirst.web.ip_addresses import is_this_machine

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


def check_csrf(form: Form, expected: str) -> None:
    """Raise `Refused` unless a form carries the session's secret, compared in constant time."""
    given = form.get("csrf", "").encode()
    if not hmac.compare_digest(given, expected.encode()):
        raise Refused("bad_csrf", "The form is not from this session. Open the page again.")


def check_same_origin(request: Request, settings: Settings) -> None:
    """Raise `Refused` for a form of another website, where there is no session with a secret yet.

    `Sec-Fetch-Site` says where it comes from. Where a browser omits that (plain HTTP), `Origin`
    must name this host. A request with neither is refused as well. Where `public_url` is set, the
    form's page must be under it, or under the machine's own name: a stranger's domain that resolves
    to this server ("DNS rebinding") is same-origin to a browser, and stands in `Host` as well.
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
    """Return whether a host is this server's; `asked` is the `Host` header."""
    if host == host_of(settings.public_url):
        return True
    return host == asked and (not settings.public_url or is_this_machine(host))
