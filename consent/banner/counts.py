"""How often the banner is shown, counted without any identifier as its wording is served."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from askfirst.sites import Site
from askfirst.store.ledger.choice_counts import SHOWN, read_referrer
from consent.dependencies import Dependencies


class BannerCounts:
    """Counts how often the banner's first layer or the form is served; bots are not counted."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    def count(self, site: Site, shown: Mapping[str, Any], request: Request) -> None:
        """Count one banner by page, and by the language and version of its wording `shown`."""
        headers = request.headers
        _, page = read_referrer(headers.get("referer"), headers.get("host", ""))
        self._add(site, shown, request, page)

    def count_form(self, site: Site, shown: Mapping[str, Any], request: Request) -> None:
        """Count one form; neither it nor its answer belongs to a page of the site."""
        self._add(site, shown, request, "")

    def _add(self, site: Site, shown: Mapping[str, Any], request: Request, page: str) -> None:
        if not self._deps.is_left_out(site, request.headers):
            self._deps.counts.add(site.id, SHOWN, page, shown["language"], shown["version"])
