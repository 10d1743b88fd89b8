"""Browsers: one name for each family, the variant, and the version."""

import re

from collector.enrichment.agents.browser_names import APPS, FAMILIES, LITE, MOBILE, OURS, PLAIN
from collector.enrichment.agents.matchers import MATCHERS
from collector.enrichment.agents.rules import Rules, version_of

_NO_BROWSER = frozenset({"", "Other", "HbbTV", "CFNetwork", "SmartTV WebBrowser"})
"""What ua-parser says of some user agents instead of the browser that they name."""
_BOT = re.compile(r"bot|crawl|spider|slurp", re.IGNORECASE)
"""What ua-parser takes from the name of a device, too: `Crawler X Pro` is no browser."""
_SYSTEMS_OWN = frozenset({"Chrome", "Safari", "Android Browser"})
"""The browsers that apps show pages in."""
_APPS_OF_UA_PARSER = frozenset({
    "Facebook", "Facebook Messenger", "Instagram", "Snapchat", "TikTok", "WeChat Browser", "LINE",
    "KakaoTalk", "Twitter", "Pinterest", "LinkedIn", "Google", "Weibo", "Telegram", "WhatsApp",
    "Microsoft Teams", "Slack Desktop Client", "Electron", "BytedanceWebview", "baiduboxapp",
    "Discord", "Reddit", "Flipboard", "Mobile Safari UI/WKWebView", "Chrome Mobile WebView",
})  # fmt: skip
"""Families of ua-parser that are an app around a browser of the system."""
_BARE_WEBVIEW = "Apple Mail"
"""What ua-parser calls the system's own view of a page on a Mac, and its engine's version."""


_OF_BOTS = frozenset({
    *(family for family, _ in FAMILIES.values()), *(name for _, name in PLAIN),
    "Samsung Internet", "UC Browser", "Konqueror", "Sogou Explorer", "Maxthon", "SeaMonkey",
    "Amazon Silk", "Mozilla", "Lynx", "Links", "ELinks", "Dillo", "PhantomJS", "Electron",
})  # fmt: skip
"""The browsers of ua-parser that a bot may use, or say that it uses; its own name is none."""


_KNOWN = _OF_BOTS | {name for _, name in OURS}
_OURS_RULES = Rules(OURS)
_PLAIN_RULES = Rules(PLAIN)
_APPS_RULES = Rules(APPS)


def browser_of(text: str, is_bot: bool = False) -> tuple[str, str, str]:
    """Return the family, the variant and the version of the browser; ''.

    Of a bot, only a browser counts: ua-parser calls others `GPTBot` or, by the address of
    `+https://example.com/bot`, `com/bot`.
    """
    name, version = _OURS_RULES.named(text)
    if name:
        return name, _variant(text), version
    found = MATCHERS.ua.extract(text)
    name = found.family if found else ""
    if name in _NO_BROWSER or _BOT.search(name) or (name == "Android" and "Chrome/" in text):
        name, version = _PLAIN_RULES.named(text)
        return name, _variant(text) if name else "", version
    family, variant = FAMILIES.get(name, (name, ""))
    if is_bot and family not in _OF_BOTS:
        name, version = _PLAIN_RULES.named(text)
        return name, _variant(text) if name else "", version
    if (family in _SYSTEMS_OWN or name in _APPS_OF_UA_PARSER) and (app := _APPS_RULES.name(text)):
        plain, version = _PLAIN_RULES.named(text)
        return plain, app, version
    version = "" if name == _BARE_WEBVIEW else version_of(found)
    return family, variant or _variant(text), version


def is_browser(family: str) -> bool:
    """Return whether a family is that of a browser: ua-parser also names programs (`reqwest`)."""
    return family in _KNOWN


def _variant(text: str) -> str:
    if "(lite)" in text or "UCMini" in text:
        return LITE
    return MOBILE if "Mobi" in text else ""
