"""How often visitors are asked, counted without any identifier as the banner's words are served."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from askfirst.sites import Site
from askfirst.store.choice_counts import SHOWN, read_referrer
from consent.parts import Parts


class Asking:
    """Counts each time that the banner's first layer is served; bots are left out."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def count(self, site: Site, shown: Mapping[str, Any], request: Request) -> None:
        """Count one asking, in the language and version of the wording that is `shown`."""
        headers = request.headers
        if self._parts.is_bot(headers.get("user-agent", "")):
            return
        _, page = read_referrer(headers.get("referer"), headers.get("host", ""))
        self._parts.counts.add(site.id, SHOWN, page, shown["language"], shown["version"])
