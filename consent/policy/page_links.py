"""The links of public pages to other languages and versions of a policy."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from askfirst.clock import as_iso
from askfirst.sites import Site
from askfirst.store.ledger.sites.policies import Policy
from consent.policy.languages import languages, long_date

VERSION_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
FRESH = {"Cache-Control": "public, max-age=60"}
"""The headers of a page that another version replaces."""


@dataclass(frozen=True)
class LanguageLink:
    """One language of the policy: its tag, its own name and the page's address in it."""

    tag: str
    name: str
    href: str
    current: bool


@dataclass(frozen=True)
class VersionLink:
    """One version in the list: its number, its day in the page's language and its address."""

    number: int
    day: str
    iso: str
    asks_again: bool
    href: str


def language_links(policy: Policy, path: str, current: str) -> tuple[LanguageLink, ...]:
    """Return the languages of a policy as links: `path` is their address but for the tag."""
    names: Mapping[str, str] = languages()
    tags = [tag for tag in names if tag in policy.content["texts"]]
    return tuple(LanguageLink(tag, names[tag], path + tag, tag == current) for tag in tags)


def version_link(site: Site, policy: Policy, tag: str) -> VersionLink:
    """Return the link to a version of a site's policy in a language."""
    return VersionLink(
        number=policy.version,
        day=long_date(policy.published_at, tag),
        iso=as_iso(policy.published_at),
        asks_again=bool(policy.asks_again) and policy.version > 1,
        href=f"/policy/{site.key}/{policy.version}?lang={tag}",
    )
