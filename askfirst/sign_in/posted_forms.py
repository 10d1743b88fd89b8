"""Whether a posted form is from a page of ours: its origin and its secret."""

import hmac
from collections.abc import Mapping

from starlette.requests import Request

from askfirst.errors import Refused
from askfirst.settings import Settings
from askfirst.sites import host_of
from askfirst.web.ip_addresses import is_this_machine


def check_csrf(form: Mapping[str, str], expected: str) -> None:
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

    `Origin: null` is refused: any website can send it, from a sandbox or without a referrer. A page
    of ours with such a form may therefore not be sent with `Referrer-Policy: no-referrer`, for
    browsers write `null` in its forms, too (Fetch, "append a request `Origin` header").
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
