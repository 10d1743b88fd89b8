"""Which website's choice a page of this server can read and set."""

from dataclasses import dataclass
from itertools import product

from starlette.requests import Request

from askfirst.settings import Settings
from askfirst.sites import Site, host_of
from consent.http.origins import read_origin, shared_domain


@dataclass(frozen=True)
class FormOrigin:
    """A website's origin, and the server's host that can read and set its choice cookie."""

    origin: str
    own_host: str


def own_hosts(request: Request, settings: Settings) -> list[str]:
    """Return the server's hosts: the request's, which a proxy may have changed, and its own."""
    public = host_of(settings.public_url)
    asked = request.headers.get("host", "").lower()
    return [name for name in (asked, public) if name]


def form_origin(request: Request, site: Site, hosts: list[str]) -> FormOrigin | None:
    """Return the website whose choice this page can read and set, or None.

    It is the website that the visitor came from, else the site's first host that shares a domain
    with the server.
    """
    pairs = product(_origins(request, site), hosts)
    shared = (FormOrigin(*pair) for pair in pairs if shared_domain(*pair) is not None)
    return next(shared, None)


def _origins(request: Request, site: Site) -> list[str]:
    """Return the site's origins: first that of the page the visitor came from, then its hosts."""
    said = read_origin(request.query_params.get("from")) or _came_from(request)
    listed = [f"https://{host.removeprefix('*.')}" for host in site.hosts]
    return [said, *listed] if said and site.allows(host_of(said)) else listed


def _came_from(request: Request) -> str | None:
    if request.method != "GET":
        return None
    return read_origin("/".join(request.headers.get("referer", "").split("/")[:3]))
