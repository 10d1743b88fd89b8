"""The list of crawlers of the package crawler-user-agents, apart by how much an entry says.

An entry is a pattern that is found in the user agents of one crawler. Some of them are found in
those of people, too: a build of Android (`AP3A.240617.008`), apps (`Viber`), in-app browsers
(`MetaIAB Facebook`), editors (`Code/1.`), makers of devices (`Sonic` in ViewSonic). So an entry
counts by itself only where its own name says what it is.
"""

import re
from functools import cache
from typing import NamedTuple

import crawleruseragents

from collector.enrichment.agents.ai_agents import AI_AGENTS
from collector.enrichment.agents.rules import Rules

_SAYS_SO = re.compile(
    r"bot\b|bot[^a-z]|crawl|spider|scrap[eiy]|slurp|archiver|harvest|fetcher|heritrix|nutch"
    r"|headless|phantom|selenium|puppeteer|playwright|lighthouse|synthetic|uptime"
    r"|monitor|checker|scanner|validator|preview|screenshot|python|perl|curl|wget|urllib"
    r"|http-?client|httpx|aiohttp|httpunit|inspect|audit"
    r"|(?<!^mail)\\\.(?:com|net|org|io|ru|de|fr|eu|info|ai|it|es|co|nu)\b",
    re.IGNORECASE,
)
"""What a pattern says that no browser, app or device of people says of itself."""

_NO_OTHER_SENSE = frozenset({
    "(^| )PTST\\/", "[aA]cunetix", "[pP]ingdom", "abuse\\.xmco\\.fr", "AdsBot-Google([^-]|$)",
    "APIs-Google", "AppInsights", "Baidu-YunGuanCe", "BUbiNG", "Catchpoint", "CERT PL", "Checkly",
    "Collapsify", "CookieHubScan", "CookieHubVerify", "Cotoyogi", "DareBoost", "Datanyze",
    "daumoa", "Dlc\\/", "facebookexternalhit", "Foregenix", "GeedoShopProductFinder",
    "Ghost Inspector", "Google Favicon", "Google-Read-Aloud", "Google-Safety",
    "Google-Site-Verification", "Google-Structured-Data-Testing-Tool", "GoogleOther", "GTmetrix",
    "Hardenize", "Hotjar", "HTTrack", "ips-agent", "LinkTiger", "MarketGoo\\/",
    "Mediapartners-Google", "Miniature\\.io\\/", "Netcraft SSL Server Survey",
    "Netcraft Web Server Survey", "NetShelter ContentScan", "newsai\\/", "Nikto", "Nitro-",
    "Offline Explorer", "OpenVAS", "Penthouse Critical Path CSS Generator", "PlayStore-Google",
    "proximic", "PS_Daily\\/", "PWABuilderHttpAgent", "Qualys", "Qwantify", "Rigor\\)",
    "RuxitSynthetic", "Screaming Frog SEO Spider", "SecurityHeaders", "Silktide", "Sindup",
    "Site24x7", "SiteSucker", "splash Version\\/", "sqlmap", "SQWatcher", "Storebot-Google",
    "Sucuri", "Teoma", "TestLocally\\/", "ThousandEyes", "TSM-turingos", "vkShare", "watchTowr",
    "WebCopier", "YLT Chrome", "zgrab", "ZmEu", "ZoteroTranslationServer\\/WMF",
})  # fmt: skip
"""Entries whose crawlers look like a browser otherwise, and whose names nothing else has."""


_MORE = {
    "Daumoa": "search-engine", "Robozilla": "search-engine", "DMBrowser": "advertising",
    "TagInspector": "monitoring", "iplabel": "monitoring", "Uptime-Kuma": "monitoring",
    "Nagios": "monitoring", "Icinga": "monitoring", "Montastic": "monitoring",
    "Freshping": "monitoring", "Hyperping": "monitoring", "Matomo/": "monitoring",
    "Grafana/": "monitoring", "Prometheus/": "monitoring", "Shodan": "scanner",
    "l9tcpid": "scanner", "Nuclei": "scanner", "Hakai/": "scanner", "CybaaAgent": "scanner",
    "Jorgee": "scanner", "Sectigo": "scanner", "Wappalyzer": "seo", "BuiltWith": "seo",
    "Pleroma": "social-preview", "Akkoma": "social-preview", "Misskey": "social-preview",
    "Pixelfed": "social-preview", "PeerTube/": "social-preview", "Hubzilla": "social-preview",
    "ImageProxy": "social-preview", "Castopod": "feed-reader", "Yahoo Pipes": "feed-reader",
    "UniversalFeedParser": "feed-reader", "Sparkler/": "http-library", "Rainmeter": "http-library",
    "Teleport Pro": "http-library", "WebReaper": "http-library", "WebStripper": "http-library",
    "kiwitcms": "http-library", "ApacheBench": "http-library", "JMeter": "http-library",
    "ArchiveTeam": "archiver", "GitHubCopilotChat": "person", "Rendertron": "browser-automation",
    "SlimerJS": "browser-automation", "CasperJS": "browser-automation",
    "jsdom/": "browser-automation",
}  # fmt: skip
"""Programs that the list does not have."""

LONGEST = 26
"""Characters of a name: with `agent:` before it, a rule has as many as it is tallied with."""


class Crawler(NamedTuple):
    """An entry of the list: what it is called, what it is for, and whether its name says so."""

    name: str
    pattern: str
    purpose: str
    says_so: bool


@cache
def crawlers() -> tuple[Crawler, ...]:
    """Return AI crawlers and agents, and then the entries of the package in its order."""
    ours = {one.name: one.purpose for one in AI_AGENTS} | _MORE
    known = (
        Crawler(name.rstrip("/")[:LONGEST], re.escape(name), purpose, True)
        for name, purpose in ours.items()
    )
    listed = (_crawler(entry) for entry in crawleruseragents.CRAWLER_USER_AGENTS_DATA)
    return (*known, *listed)


def _crawler(entry: dict[str, object]) -> Crawler:
    pattern = str(entry["pattern"])
    tags = entry.get("tags")
    purpose = str(tags[0]) if isinstance(tags, list) and tags else ""
    says_so = bool(_SAYS_SO.search(pattern)) or pattern in _NO_OTHER_SENSE
    return Crawler(name_of(pattern), pattern, purpose, says_so)


def name_of(pattern: str) -> str:
    r"""Return a pattern as a name: `S[eE][mM]rushBot\/` is `SemrushBot`."""
    text = re.sub(r"\[\\s\\S\]\*|\\d|\[\^[^\]]*\]|\(\^\| \)|\(\|?\$\)", " ", pattern)
    text = re.sub(r"\[(?:[A-Z]([a-z])|(\w))\w*\]", r"\1\2", text)
    text = re.sub(r"\(([^|()]*)\|[^()]*\)", r"\1", text).partition("|")[0]
    return " ".join(re.sub(r"[\\^$();+]", "", text).replace("/", " ").split())[:LONGEST].strip()


def rules_of(*, says_so: bool) -> Rules:
    """Return the entries whose names say what they are, or the others, as patterns for a search."""
    chosen = (one for one in crawlers() if one.says_so is says_so)
    rows = ((_native(one.pattern), one.name.replace("$", "")) for one in chosen)
    return Rules(row for row in rows if "(?" not in row[0])


def _native(pattern: str) -> str:
    r"""Return a pattern as the native matcher reads it: it takes `\/` and `\!` for mistakes."""
    return re.sub(r"\\([^\w.+*?()|\[\]{}^$#&~\\-])", r"\1", pattern)
