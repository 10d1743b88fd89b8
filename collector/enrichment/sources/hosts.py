"""Hosts: the source of a referrer's host or app, and whether it is known for referrer spam."""

import re
from functools import lru_cache

from collector.enrichment.sources.addresses import Referrer
from collector.enrichment.sources.lists import Source, lists, spam_hosts

_CODES = (
    "ac ad ae af ag ai al am an ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo"
    " br bs bt bv bw by bz ca cat cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk"
    " dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr"
    " gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km"
    " kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq"
    " mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm"
    " pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su"
    " sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg"
    " vi vn vu wf ws ye yt za zm zw"
)
COUNTRIES = frozenset(_CODES.split())
"""The top-level domains of countries, and `cat` and `eu`, for which `HOST.*` stands."""

SECOND_LABELS = frozenset({"com", "co", "org", "net", "edu", "it", "ne", "off"})
"""Labels below a country's domain under which hosts of a source stand: google.co.uk."""

_FIRST_LABELS = (
    (re.compile(r"[a-z]{0,4}mail[0-9]*[a-z]?|webmail.*|lightmailer.*|mailbusiness"), "email"),
    (re.compile(r"messagerie(?:pro)?[0-9]*|deref-.+|roundcube|zimbra|owa|horde"), "email"),
    (re.compile(r"mastodon|pixelfed|misskey|lemmy|friendica"), "social"),
    (re.compile(r"peertube"), "video"),
)
"""First labels that tell the kind of a host: webmail.example.org, mastodon.example.org."""

_LAST_LABELS = (
    "app barcelona bing chat docs gm mm mobile music news plus pro search shopping talk taobao tv"
    " web weibo youtube"
)
_DOMAINS = frozenset(_LAST_LABELS.split())
"""The last labels of ids of apps that are top-level domains, too, in which anybody has hosts.

Some browsers send `https://com.google.android.googlequicksearchbox/`. Where the last label is a
domain, that is a host like any other; nobody else has hosts in `android`.
"""


def source_of_referrer(referrer: Referrer) -> Source:
    """Return the source of a website or app: one of the lists, or else itself, a `referral`."""
    if referrer.app:
        return lists().apps.get(referrer.app) or Source(referrer.app, "referral")
    host = referrer.host
    if found := listed_source(host, referrer.path, referrer.query):
        return found
    if host in lists().apps and host.rpartition(".")[2] not in _DOMAINS:
        return lists().apps[host]
    bare = host.removeprefix("www.")
    return Source(bare, _kind_of(bare))


def _kind_of(host: str) -> str:
    """Return the kind of a host that no list has, by its first label."""
    label, dot, _ = host.partition(".")
    if dot:
        return next((kind for known, kind in _FIRST_LABELS if known.fullmatch(label)), "referral")
    return "referral"


def listed_source(host: str, path: str = "", query: str = "") -> Source | None:
    """Return the source of a host in the lists, by as many whole labels as match."""
    hosts = lists().hosts
    stem = _without_country(host)
    start = 0
    while True:
        found = hosts.get(host[start:])
        if found is None and start < len(stem):
            found = hosts.get(stem[start:] + ".*")
        for entry in found or ():
            if _is_under(path, entry.path) and _has_one(query, entry.parameters):
                return entry.source
        start = host.find(".", start) + 1
        if not start:
            return None


def _without_country(host: str) -> str:
    """Return `mail.google` for `mail.google.co.uk`, or '' where no country stands at the end."""
    rest, _, country = host.rpartition(".")
    if country not in COUNTRIES:
        return ""
    before, _, second = rest.rpartition(".")
    return before if before and second in SECOND_LABELS else rest


def _is_under(path: str, prefix: str) -> bool:
    return not prefix or path == prefix or path.startswith(f"{prefix}/")


def _has_one(query: str, parameters: frozenset[str]) -> bool:
    if not parameters:
        return True
    return any(pair.partition("=")[0] in parameters for pair in query.split("&"))


def is_own(referrer: Referrer, hosts: tuple[str, ...]) -> bool:
    """Return whether a referrer is on one of a site's hosts, with `www.` or without."""
    exact, ends = _own(hosts)
    with_www = f"www.{referrer.host.removeprefix('www.')}"
    return (
        with_www in exact
        or with_www[4:] in exact
        or referrer.netloc in exact
        or with_www.endswith(ends)
        or referrer.netloc.endswith(ends)
    )


@lru_cache(maxsize=1024)
def _own(hosts: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the hosts that are exact, and the ends of those of any subdomain."""
    ends = tuple(host[1:] for host in hosts if host.startswith("*."))
    return frozenset(hosts), ends


def is_spam(host: str) -> bool:
    """Return whether a host, or a domain that it belongs to, is known for referrer spam."""
    spam = spam_hosts()
    start = 0
    while True:
        if host[start:] in spam:
            return True
        start = host.find(".", start) + 1
        if not start:
            return False
