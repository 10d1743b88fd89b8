"""The claims of a token that a request carries: signed by this server, and for this site."""

from askfirst.consents import REASON_SENTENCES, Claims, Reason, Tokens
from askfirst.errors import Refused
from askfirst.sites import Site


def claims_for(tokens: Tokens, site: Site, token: str) -> Claims:
    """Return the claims of a site's token, also of an expired or withdrawn consent.

    Raises `Refused` with the reason `bad_token` or `other_site`.
    """
    claims = tokens.read(token)
    if claims is None:
        raise _refused(Reason.BAD_TOKEN)
    if claims.site_id != site.id:
        raise _refused(Reason.OTHER_SITE)
    return claims


def _refused(reason: Reason) -> Refused:
    return Refused(reason, REASON_SENTENCES[reason])
