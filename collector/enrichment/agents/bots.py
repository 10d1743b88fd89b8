"""Who is a bot: the rule that a user agent fits, from what it says and from the list of crawlers.

What a person's browser, app or device says must not fit. So a word of the crawlers' trade (`bot`)
counts anywhere but in the name of a device (`CUBOT X18`, `M bot 51`), and what is found in the user
agents of people as well (`Viber`, a build of Android) counts only where no system of people is
named, or an address stands beside it. docs/collecting/bots.md tells the owner.
"""

import re
from functools import cache
from typing import NamedTuple

from collector.enrichment.agents.ai_agents import AI_AGENTS
from collector.enrichment.agents.crawlers import LONGEST, crawlers, rules_of
from collector.enrichment.agents.rules import Rules, finder

PREFIX = "agent:"
"""Every rule's name begins so: `agent:Googlebot`."""

_END = r"(?:[^a-zA-Z]|$)"
_WORDS = (
    (rf"(?i)bots?{_END}", "bot"),
    (rf"(?i)crawler|crawling|crawl{_END}", "crawler"),
    (rf"(?i)spiders?{_END}|spyder{_END}", "spider"),
    (r"(?i)scraper|scraping|slurp|harvester", "scraper"),
    (r"(?i)headless|phantomjs|selenium|puppeteer|playwright|webdriver", "headless browser"),
    (r"(?i)cypress/\d|testcafe|webdriverio|nightwatchjs", "headless browser"),
    (r"(?i)powershell/\d", "library"),
    (r"Google-(?:[A-Z][a-z]|AMP)|[A-Za-z]-Google/\d|GoogleAdSense", "Google"),
    (r"Google (?:Page ?Speed|Search Console|Web Preview|Favicon|Wireless Transcoder)", "Google"),
    (r"(?i)(?:link|url|page|web|site|image)[ _-]?preview|favicon", "preview"),
    (r"(?i)(?:seo|link|site|url|feed|proxy|uptime|domain)[ _-]?(?:check|audit)", "monitor"),
    (rf"(?i)monitoring|page ?speed|lighthouse|uptime{_END}", "monitor"),
    (rf"[a-z]Monitor{_END}|(?i:heartbeat/\d)", "monitor"),
    (r"(?i)cloudflare-?(?:diagnostics|observatory)|whatcms|security\.txt", "scanner"),
    (r"\(via |\d subscribers?", "proxy"),
)
"""Words that no browser, app or device of people says of itself, and the names of their rules."""

_WORDS_ALONE = (
    (r"(?i)archiver|fetcher|extractor", "scraper"),
    (r"(?i)monitor|pinger|http_?load", "monitor"),
    (rf"(?i)scann(?:er|ing)|scans?{_END}|pen-?test|leakix|probe", "scanner"),
    (rf"(?i)check(?:er)?{_END}|validat|analy[zs]er|look-?up|survey|research|traversal", "monitor"),
    (rf"(?i)audit{_END}|search[ _-]?engine|internet.?search", "search"),
    (rf"(?i)web ?hook|\bcron{_END}|\bdcv{_END}|worker{_END}|\bcurl{_END}", "library"),
    (r"(?i)link[ _-]?(?:expander|resolver)|image[ _-]?proxy|unfurl|externalhit", "preview"),
    (r"(?i)thumbnail|screenshot|prerender|sitemap", "preview"),
    (r"^\$\{|^\{\{|jndi:", "scanner"),
    (rf"(?i)^(?:curl|wget|python|java|axios){_END}", "library"),
    (r"(?i)libwww-perl|libcurl|libredtail|http-?client|traceroute", "library"),
    (r"^(?:Google|Yahoo|Bing)[:-][A-Za-z]|^facebook[a-z]|^Google(?:Sites|$)", "operator"),
    (r"(?i)user[ _-]?agent", "no browser"),
    (r"(?i)^(?:firefox|chrome|safari|desktop|browser|url|test|mozilla)$", "no browser"),
    (r"^Mozilla/\d\.\d [A-Za-z][\w.-]*/[\d.]+$|^(?i:hello)", "no browser"),
)
"""Words that count where no system of people is named."""

_is_personal = finder(
    r"Windows|Macintosh|Mac[ _]?OS|macOS|iPhone|iPad|iPod|iOS|Darwin|CFNetwork|Android|\bAdr\b|X11"
    r"|Linux|CrOS|Tizen|Web0S|webOS|KAIOS|BlackBerry|BB10|Symbian|Series[346]0|MIDP|J2ME|PlayStation"
    r"|PLAYSTATION|Nintendo|Xbox|HbbTV|watchOS|tvOS|AppleTV|OpenHarmony|HarmonyOS|BSD|SunOS|Haiku"
    r"|BeOS|Amiga|RISC OS|OS/2|CYGWIN|Ubuntu|Fedora|Debian|[Tt]ele[Vv]ision"
    r"|[Ww]indows ?[Pp]hone|\bWP[78]/|\bS60|Maemo|MeeGo|\b(?:BREW|Brew|Bada|bada|MAUI|RIM\d+)\b"
    r"|Opera ?Mini|\bandroid[:/;, ]|Palm(?:OS|Source)|Wear ?OS|Garmin|Roku|\bFire ?OS"
)
"""A system or kind of device that people have."""

_TRANSLATED = "(via translate.google.com)"
"""What Google Translate adds to the user agent of a person who reads a page by it."""

_is_podcasts = finder(r"(?i)pod|cast|tunes|\bfm\b")
_is_app = finder(
    r"(?i)pod|cast|radio|music|player|reader|audio|\bfm\b|tunes|torrent|\bbooks|mail|http-java|listen"
    r"|stream|sound|voice|media|video|movie|\btv\b|desktop|mobile|phone|\bapp\b|download|play"
    r"|[\w-] ?browser[/ ][v\d(]"
)
"""What apps of people say of themselves that name no system: podcasts, readers, players."""

_names_address = finder(
    r"(?i)https?:/|\bwww\.\w|mailto:|\w(?:@| at )[\w-]{1,64}(?:\.| dot )[a-z]{2,}"
)
_as_robots_do = finder(r"(?i)\+ ?https?:|@|\+ ?www\.|mozilla/")
_ADDRESS_OF_ENGINE = re.compile(r"bsalsa\.com|avantbrowser\.com", re.I)
"""Embedded browsers of old Windows programs, which name their maker."""
_BESIDE = (
    (r"[+(]\s?https?://|; https?://|mailto:", "address"),
    (
        r"\((?:www\.|[abd-z][\w-]{3,}\.)(?:[\w-]+\.)*(?:com|net|org|info|io|eu|de|ru|party)\)",
        "address",
    ),
    (r"\+[a-z][\w-]*(?:[.@][\w-]+)*\.[a-z]{2,6}(?:[^\w.-]|$)", "address"),
    (r"like Gecko\)?[;,] ?compatible[;)]|[^0] \( ?compatible; (?:[A-LN-Za-z]|M[^S])", "compatible"),
)
"""What crawlers say beside the engine of a browser: an address, or `(compatible; NAME)`."""
_COMPATIBLE = re.compile(
    r"^Mozilla/\d\.\d+ \((?:[Cc]ompatible[;,] *+|(?![Cc]ompatible)(?=[^)]*/)|(?=[\w ]+check))"
    r"(?!(?i:MSIE)|Konqueror|Galeon|Opera|Polaris|NCSA|ms-|Gecko|IBrowse|OmniWeb|iCab|Oregano|NetPositive|U;|WebTV|PS[234P]|Dillo"
    r"|Charon|Origyn|NetSurf|Lynx|E?Links|w3m|Voyager|AWeb|Escape|Netgem|Planetweb|Mosaic|Amaya)"
    r"[\w .@:/+;,-]++\)?[^()]*$"
)
"""Nothing but a name where a browser says its system and its engine."""
_names_its_app = finder(
    r"(?i)\([^()+@]*\b(?:reader|podcasts?|player|browser|app)\b[^()+@]*https?://[^()\s]*\)"
)
"""An app that shows a page in the system's browser, what kind it is, and its maker's address."""
_has_engine = finder(r"AppleWebKit|Gecko/|KHTML|Trident|Presto|MSIE|NetFront|Maple|Teleca|Goanna")
_says_bot = finder(r"(?i)bots?(?:[^a-z]|$)|crawl|spider|slurp|scraper|indexer|archiver")
"""What a declared crawler calls itself."""
_AI = frozenset(one.name[:LONGEST] for one in AI_AGENTS)
_DEVICE = re.compile(
    r"(?:Android|Adr|Andr0id)(?:[ /-][\d.]+)?;(?: ?U;)?(?: ?[a-z]{2}[-_]\w{2};)?"
    r"[^;()/+]*(?:Build/[^;)]*)?|cubot[\w -]*",
    re.I,
)
"""The name and the build of a device of Android."""


class Known(NamedTuple):
    """What is known of a rule: who runs the bot (AI agents only), and what it is for."""

    rule: str
    operator: str
    purpose: str


_WORDS_RULES = Rules(_WORDS)
_WORDS_ALONE_RULES = Rules(_WORDS_ALONE)
_BESIDE_RULES = Rules(_BESIDE)
_SAYING_SO_RULES = rules_of(says_so=True)
_AMBIGUOUS_RULES = rules_of(says_so=False)


def bot_rule(text: str) -> tuple[str, bool]:
    """Return the rule that a user agent fits, or '', and whether it is a declared crawler."""
    if _TRANSLATED in text:
        text = text.replace(_TRANSLATED, "")
    name = _SAYING_SO_RULES.name(text) or _WORDS_RULES.name(text)
    if name and (name := _told_by_name(text)):
        return PREFIX + name, _is_declared(text, name)
    if not _is_personal(text):
        return _of_no_system(text)
    name = _told_beside(text)
    return (PREFIX + name if name else ""), False


def _told_beside(text: str) -> str:
    """Return what is told beside a system of people: a name of the list with an address, or so."""
    beside = _BESIDE_RULES.name(text)
    if not beside or (beside == "address" and not _has_address(text)):
        return ""
    if "Mozilla" not in text and not _has_engine(text):
        return ""  # an app, which may name the address of its maker
    if beside == "address" and _names_its_app(text):
        return ""
    if "MSIE" in text and "+http" not in text:
        return ""  # other programs wrote their addresses into that of the Internet Explorer
    return _AMBIGUOUS_RULES.name(_without_device(text)) or (beside if _has_engine(text) else "")


def _told_by_name(text: str) -> str:
    """Return the name or the word that says so, if it is not the name of a device or an app."""
    bare = _without_device(text)
    if name := _SAYING_SO_RULES.name(bare):
        return name
    is_app = _is_personal(text) and not ("Mozilla" in text or _has_engine(text))
    return "" if is_app and not _has_address(text) else _WORDS_RULES.name(bare)


def _without_device(text: str) -> str:
    """Return the text without the name and the build of a device of Android."""
    return _DEVICE.sub(" ", text)


def _is_declared(text: str, name: str) -> bool:
    """Return whether a bot says that it is one, and where one can read about it or write to it."""
    return (name in _AI or _says_bot(text)) and _has_address(text)


def _has_address(text: str) -> bool:
    return _names_address(text) and _names_address(_ADDRESS_OF_ENGINE.sub("", text))


def _of_no_system(text: str) -> tuple[str, bool]:
    """Return what is found where no system of people is named."""
    address = _has_address(text)
    name = _AMBIGUOUS_RULES.name(text)
    if name and _is_podcasts(name) and not _as_robots_do(text):
        name = ""  # an app that people listen with
    if name := name or ("" if _is_app(text) else _WORDS_ALONE_RULES.name(text)):
        return PREFIX + name, _is_declared(text, name)
    if _COMPATIBLE.search(text) and not _has_engine(text):
        return f"{PREFIX}compatible", False
    is_people = _is_podcasts if _as_robots_do(text) else _is_app
    return (f"{PREFIX}address", False) if address and not is_people(text) else ("", False)


@cache
def known_rules() -> dict[str, Known]:
    """Return every rule that a user agent can fit, by name, with what is known of it."""
    operators = {one.name[:LONGEST]: one.operator for one in AI_AGENTS}
    listed = {one.name: one.purpose for one in reversed(crawlers())}
    words = {name: "" for _, name in (*_WORDS, *_WORDS_ALONE, *_BESIDE)}
    purposes = {**words, **listed}
    return {
        PREFIX + name: Known(PREFIX + name, operators.get(name, ""), purpose)
        for name, purpose in purposes.items()
    }
