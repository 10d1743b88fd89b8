"""The key that a site's receipts are checked with: `/.well-known/askfirst/KEY.json`."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from consent.dependencies import Dependencies

_READABLE_BY_ANYONE = {
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "public, max-age=86400",
}


class PublicKeys:
    """Serves the public half of each site's key."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    async def keys(self, request: Request) -> Response:
        """Answer `GET /.well-known/askfirst/{site}.json` with a JSON Web Key Set (RFC 7517).

        A deleted site keeps its address, so that receipts that visitors kept can be checked.
        Raises `NotFound`.
        """
        key = request.path_params["site"]
        if not self._deps.book.was(key):
            key = self._deps.book.get(key).key
        return JSONResponse(
            self._deps.site_keys.jwks(key),
            headers=_READABLE_BY_ANYONE,
            media_type="application/jwk-set+json",
        )
