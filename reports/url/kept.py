"""What forms and pages about one thing keep of the report that led to them, for the way back."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from askfirst.sites import Site
from askfirst.store.warehouse.filters.address import ON, WHERE
from askfirst.web.urls import split_address
from reports.authentication.sessions import Session
from reports.shell import Shell
from reports.url.comparing import FIELDS
from reports.url.links import Address

_OF_PERIOD = ("period", "from", "to", *FIELDS)
_OF_REPORTS = (*_OF_PERIOD, WHERE, ON)


def kept_query(query: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that choose period, comparison and filters, as they are in an address.

    They are not read: where they are wrong, the report says so to which they lead back.
    """
    return {name: query[name] for name in _OF_REPORTS if name in query}


def keeping(address: str, query: Mapping[str, str]) -> str:
    """Return an address with those of these fields that it has no value of; `#` and all stay."""
    parts = split_address(address)
    own = parse_qsl(parts.query, keep_blank_values=True)
    merged = {**kept_query(query), **dict(own)}
    return parts._replace(query=urlencode(merged)).geturl()


def kept_shell(
    site: Site,
    session: Session,
    query: Mapping[str, str],
    title: str,
    tab: str,
    within: bool = False,
) -> Shell:
    """Return the frame of a page that keeps these fields, whose tabs lead to reports with them."""
    kept = kept_query(query)
    period = {name: text for name, text in kept.items() if name in _OF_PERIOD}
    return Shell(
        title,
        session.email,
        session.csrf,
        site.key,
        site.name,
        tab,
        chosen=Address("", period).with_(),
        reports=Address("", kept).with_(),
        within=within,
    )
