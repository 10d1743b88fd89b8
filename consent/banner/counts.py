"""How often visitors are asked, counted without any identifier as the question is served."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from askfirst.sites import Site
from askfirst.store.ledger.choice_counts import SHOWN, read_referrer
from consent.dependencies import Dependencies


class BannerCounts:
    """Counts each time that the banner's first layer or the form is served; bots are left out."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    def count(self, site: Site, shown: Mapping[str, Any], request: Request) -> None:
        """Count one asking, in the language and version of the wording that is `shown`."""
        headers = request.headers
        _, page = read_referrer(headers.get("referer"), headers.get("host", ""))
        self._add(site, shown, request, page)

    def count_form(self, site: Site, shown: Mapping[str, Any], request: Request) -> None:
        """Count one asking by the form, which stands on no page of the site, nor its answer."""
        self._add(site, shown, request, "")

    def _add(self, site: Site, shown: Mapping[str, Any], request: Request, page: str) -> None:
        if not self._deps.is_bot(request.headers.get("user-agent", "")):
            self._deps.counts.add(site.id, SHOWN, page, shown["language"], shown["version"])
