"""The browser whose token was posted along: it is joined with the account that is signed in to."""

from askfirst.sites import Site
from askfirst.store.ledger.visitor_links import linked_ids
from consent.accounts.access import Access
from consent.dependencies import Dependencies


async def visitor_of_token(deps: Dependencies, site: Site, token: str) -> str:
    """Return the visitor id of a site's token, '' where it is none or access to it was ended."""
    claims = deps.tokens.read(token)
    if claims is None or claims.site_id != site.id:
        return ""
    async with deps.ledger.read() as connection:
        ids = await linked_ids(connection, site.id, claims.visitor_id)
        ended = await Access(deps).ended_at(connection, site.id, ids)
    return "" if ended is not None and claims.given_at <= ended else claims.visitor_id
