"""Sites: a site's public key, its hosts and its owner's choices, and hosts of web addresses."""

import re
import secrets
from functools import lru_cache
from typing import Literal

import msgspec

from askfirst.recording_rules import RecordingRules
from askfirst.rules.corrections import Correction
from askfirst.rules.report_rules import NO_RULES, ReportRules
from askfirst.text.text_cache import remembered
from askfirst.web.urls import PORT, split_address

IpMode = Literal["whole", "shortened", "dropped"]
_HOST = re.compile(rf"(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::{PORT})?")
_WEB_ADDRESS = re.compile(r"https?://\S+")
_LONGEST_HOST = 253 + len(":65535")  # RFC 1035, and a port
_PORT = re.compile(r":[0-9]{1,5}$")
_LAST_DOT = re.compile(r"(?<=[a-z0-9_-])\.(?=:[0-9]*\Z|\Z)")
IP_MODES: tuple[IpMode, ...] = ("whole", "shortened", "dropped")
DEFAULT_IP_MODE: IpMode = "shortened"
"""How a new site stores IP addresses unless its owner chooses otherwise."""


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """One site. `hosts` are lower-case, `example.org`, `localhost:8001` or `*.example.org`."""

    id: int
    key: str
    name: str
    hosts: tuple[str, ...]
    time_zone: str
    ip_mode: IpMode
    policy_version: int  # the newest published wording
    min_policy_version: int  # the oldest whose acceptance still holds
    column_purposes: dict[str, str] = {}
    """The purpose of each stored column that does not belong to the visit statistics, or ''."""
    rules: RecordingRules = RecordingRules()
    """What its owner decides of which events the reports leave out."""

    report_rules: ReportRules = NO_RULES
    """What its owner excludes from the reports, and groups in them."""
    left_out_visitors: frozenset[str] = frozenset()
    """Visitors whom its owner excludes: own visits."""
    restricted_visitors: frozenset[str] = frozenset()
    """Visitors who have restricted the use of their data themselves."""
    corrections: dict[str, tuple[Correction, ...]] = {}
    """What visitors have corrected, by their ids, in the order in which they did."""
    rules_changed_at: int = 0
    """Since when (ms) what is stored does not follow them yet; 0 where it does."""

    @property
    def has_report_rules(self) -> bool:
        """Whether anything is left out of the reports, or called otherwise in them."""
        visitors = self.left_out_visitors or self.restricted_visitors
        return bool(visitors) or self.report_rules != NO_RULES

    @property
    def detached(self) -> dict[str, tuple[Correction, ...]]:
        """The visits that each visitor has detached, while events of them may come late."""
        found = {
            visitor_id: tuple(one for one in known if one.detached_id)
            for visitor_id, known in self.corrections.items()
        }
        return {visitor_id: known for visitor_id, known in found.items() if known}

    def side(self, rule: str) -> int:
        """Return the number under which the warehouse keeps events that a rule fits.

        What the reports leave out is kept under the negative number of the site: it has summaries
        of its own, and every question of the reports passes it over.
        """
        return -self.id if self.rules.leaves_out(rule) else self.id

    def leaves_out(self, rule: str, excluded: int) -> bool:
        """Return whether the reports leave out an event, by a recording rule or an owner's rule."""
        return bool(excluded) or self.rules.leaves_out(rule)

    def allows(self, host: str | None) -> bool:
        """Return whether pages of this `host` (with its port, if any) belong to the site."""
        return host is not None and allowed(self.hosts, host)


@lru_cache(maxsize=16_384)
def allowed(hosts: tuple[str, ...], host: str) -> bool:
    """Return whether a host matches one of a site's hosts."""
    return any(_matches(entry, host) for entry in hosts)


def _matches(entry: str, host: str) -> bool:
    name = host if _PORT.search(entry) else _PORT.sub("", host)
    return name.endswith(entry[1:]) if entry.startswith("*.") else name == entry


def is_web_address(text: str) -> bool:
    """Return whether a text is a whole web address: `http://` or `https://`, a host, no blanks."""
    return _WEB_ADDRESS.fullmatch(text) is not None and host_of(text) is not None


def is_https(url: str) -> bool:
    """Return whether a web address begins with https."""
    return split_address(url).scheme == "https"


def new_site_key() -> str:
    """Return a new public key of a site: 64 random bits as 16 hexadecimal digits."""
    return secrets.token_hex(8)


@remembered(4096)
def host_of(url: str) -> str | None:
    """Return the lower-case host (and port, if written) of a web address or origin, else None.

    A host is what browsers send: letters, digits, dots, hyphens, or an address in brackets, and a
    port to 65535. So `https://evil.test\\.example.org` has none, and matches no site's
    `*.example.org`. The last dot of a whole name (`example.org.`) is left out.
    """
    parts = split_address(url)
    host = _LAST_DOT.sub("", parts.netloc.rsplit("@", 1)[-1].lower(), count=1)
    plain = len(host) <= _LONGEST_HOST and _HOST.fullmatch(host)
    return host if plain and parts.scheme in ("http", "https") else None
