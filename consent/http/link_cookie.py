"""The cookie by which a browser that asked for a link by mail is known when the link is pressed."""

from starlette.requests import Request
from starlette.responses import Response

from askfirst.settings import Settings
from askfirst.sign_in.cookies import PrivateCookie
from askfirst.sites import Site


def link_cookie(site: Site, settings: Settings, max_age: int = 0) -> PrivateCookie:
    """Return the cookie, which holds the browser's token, for so many seconds where it is set."""
    return PrivateCookie(f"askfirst_link_{site.key}", max_age, settings)


def forget_link(request: Request, response: Response, site: Site, settings: Settings) -> None:
    """Take it back where the browser has it: after a no nothing there names the visitor."""
    cookie = link_cookie(site, settings)
    if cookie.read(request):
        cookie.take_back(request, response)
