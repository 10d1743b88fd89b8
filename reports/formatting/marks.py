"""The marks beside names: flags of countries, and icons of browsers, systems, devices and channels.

They repeat what the name says, for eyes that look along a list; nobody has to see them.
"""

import re
from functools import cache

from askfirst.system.assets import asset_path

_VARIANT = re.compile(r"\b(?:Mobile View|Mobile|iOS|WebView|WKWebView)\b")
_BROWSERS = {
    "Chrome": "chrome",
    "Chromium": "chrome",
    "Safari": "compass",
    "Firefox": "firefox",
    "Edge": "edge",
    "Opera": "opera",
    "Samsung": "planet",
}
_SYSTEMS = {
    "Windows": "windows",
    "Mac": "apple",
    "iOS": "apple",
    "iPadOS": "apple",
    "Android": "robot",
    "Chrome": "chrome",
    "Linux": "terminal",
    "Ubuntu": "terminal",
    "Fedora": "terminal",
    "Debian": "terminal",
}
_DEVICES = {"desktop": "laptop", "phone": "phone", "tablet": "tablet"}
_CHANNELS = {
    "direct": "arrow",
    "search": "search",
    "social": "people",
    "video": "play",
    "audio": "play",
    "shopping": "bag",
    "email": "mail",
    "sms": "phone",
    "push": "phone",
    "ai_assistant": "robot",
    "referral": "outbound",
    "internal": "page",
}


@cache
def _drawn() -> frozenset[str]:
    """Return the codes of the countries whose flags are shipped."""
    text = asset_path("static/images/flags.svg").read_text("utf-8")
    return frozenset(re.findall(r'<view id="([A-Z]{2})"', text))


def flag(country: str) -> str:
    """Return the name of a country's flag in `flags.svg`, '' where there is none."""
    return country if country in _drawn() else ""


def browser_name(browser: str) -> str:
    """Return a browser as people call it: "Mobile Safari" is Safari."""
    return " ".join(_VARIANT.sub(" ", browser).split()) or browser


def browser_icon(browser: str) -> str:
    """Return the icon of a browser, also of a version; a globe for one that has none."""
    return _BROWSERS.get(_first_word(browser_name(browser)), "globe")


def system_icon(system: str) -> str:
    """Return the icon of a system, also of a version; a laptop for one that has none."""
    return _SYSTEMS.get(_first_word(system), "laptop")


def device_icon(device: str) -> str:
    """Return the icon of a kind of device, '' where it is unknown."""
    return _DEVICES.get(device, "")


def channel_icon(channel: str) -> str:
    """Return the icon of a channel, paid or not; a pennant for campaigns and an owner's own."""
    return _CHANNELS.get(channel.removeprefix("paid_"), "goal")


def row_icon(name: str, column: str) -> str:
    """Return the icon of a row of a list; '' where rows of the column have none."""
    if column == "channel":
        return channel_icon(name)
    if column in ("browser", "browser_version"):
        return browser_icon(name)
    if column in ("os", "os_version"):
        return system_icon(name) if name else "globe"
    return (device_icon(name) or "globe") if column == "device" else ""


def _first_word(text: str) -> str:
    return text.partition(" ")[0]
