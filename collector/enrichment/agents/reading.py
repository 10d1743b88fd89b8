"""Reading a user agent: browser, system, device, and whether it is a bot's."""

from collector.enrichment.agents.bots import PREFIX, bot_rule
from collector.enrichment.agents.browsers import browser_of
from collector.enrichment.agents.client import Client
from collector.enrichment.agents.device_names import DESKTOP, PHONE, TABLET
from collector.enrichment.agents.devices import device_of
from collector.enrichment.agents.hints import read_hints
from collector.enrichment.agents.nameless import is_nameless
from collector.enrichment.agents.systems import system_of

LONGEST = 512
"""What lies behind so many characters of a user agent is not read."""

_BRANDS = {
    "Google Chrome": "Chrome",
    "Microsoft Edge": "Edge",
    "Opera": "Opera",
    "Opera GX": "Opera",
    "Opera Air": "Opera",
    "Brave": "Brave",
    "Vivaldi": "Vivaldi",
    "YaBrowser": "Yandex Browser",
    "Yandex": "Yandex Browser",
    "Samsung Internet": "Samsung Internet",
    "DuckDuckGo": "DuckDuckGo",
    "Whale": "Whale Browser",
    "Avast Secure Browser": "Avast Secure Browser",
    "AVG Secure Browser": "AVG Secure Browser",
    "Avira Secure Browser": "Avira Secure Browser",
    "CCleaner Browser": "CCleaner Browser",
    "Norton Private Browser": "Norton Private Browser",
    "Norton Secure Browser": "Norton Private Browser",
    "Ecosia": "Ecosia",
    "HuaweiBrowser": "Huawei Browser",
    "Miui Browser": "Mi Browser",
    "CocCoc": "Coc Coc",
    "Opera Mobile": "Opera",
}
"""Brands of `Sec-CH-UA` that are the name of a browser, and the family."""
_CHROMIUMS = frozenset({"", "Chrome", "Chromium"})
_SAID_BY_OTHERS = frozenset({"Chrome", "Edge"})
"""What browsers made of another one say that they are, in the user agent or as a brand."""
_DESKTOPS = frozenset({"Linux", "Windows", "Mac OS X", "Ubuntu", "Debian", "Fedora"})
"""The systems that a phone or a tablet names which asks for pages made for a desktop."""
_HEADLESS = "HeadlessChrome"

_PLATFORMS = {
    "Windows": "Windows",
    "macOS": "Mac OS X",
    "Android": "Android",
    "iOS": "iOS",
    "Linux": "Linux",
    "Chrome OS": "Chrome OS",
    "Chromium OS": "Chrome OS",
    "Fuchsia": "Fuchsia",
}
"""Values of `Sec-CH-UA-Platform`, and the system."""


def read_agent(user_agent: str, hints: str = "") -> Client:
    """Read a user agent, and the hints that came with it (see `hints.py`); nothing is cached here.

    Never raises, whatever the text.
    """
    text = user_agent[:LONGEST]
    if not text.isascii():  # the native matcher takes no lone surrogates
        text = text.encode("utf-8", "replace").decode("utf-8")
    rule, declared = bot_rule(text)
    browser, variant, browser_version = browser_of(text, is_bot=rule != "")
    system, os_version = system_of(text)
    device = device_of(text, system)
    read = Client(
        browser=browser,
        browser_variant=variant,
        browser_version=browser_version,
        os=system,
        os_version=os_version,
        device=device,
        rule=rule,
        declared=declared,
        nameless=not rule and is_nameless(text, browser, system, device),
    )
    return _with_hints(read, read_hints(hints)) if hints else read


def _with_hints(read: Client, hints: dict[str, str]) -> Client:
    """Return what the hints add: they are newer than the user agent, which browsers freeze."""
    browser, version = _browser(read, hints.get("brand", ""))
    system, device = _system_and_device(read, hints)
    if system == "Mac OS X" and int(_digit(hints.get("touch"))) > 1:
        system, device = "iOS", TABLET  # an iPad says that it is a Mac, which has no such screen
    rule = read.rule or (PREFIX + _HEADLESS if _HEADLESS in hints.get("brand", "") else "")
    return Client(
        browser=browser,
        browser_variant="headless" if rule == PREFIX + _HEADLESS else read.browser_variant,
        browser_version=version,
        os=system,
        os_version=read.os_version if system == read.os else "",
        device=device,
        rule=rule,
        declared=read.declared,
        nameless=read.nameless and not (rule or browser != read.browser or system),
    )


def _system_and_device(read: Client, hints: dict[str, str]) -> tuple[str, str]:
    """Return both: a device of Android in the form of a desktop says so only in its hints."""
    system, device, mobile = read.os, read.device, hints.get("mobile")
    platform = _PLATFORMS.get(hints.get("platform", ""), "")
    if not system or (platform == "Android" and system in _DESKTOPS):
        system = platform
    if mobile == "1" and device in ("", DESKTOP):
        return system, PHONE
    if system == "Android" and (mobile or device) and device in ("", DESKTOP):
        return system, TABLET
    return system, DESKTOP if mobile and not device else device


def _browser(read: Client, brand: str) -> tuple[str, str]:
    """Return family and version: a brand tells browsers that say they are Chrome, or Edge."""
    name, _, version = brand.partition("/")
    family = _BRANDS.get(name, "")
    replaced = _CHROMIUMS if family in _SAID_BY_OTHERS else _CHROMIUMS | _SAID_BY_OTHERS
    if not family or read.browser not in replaced or family == read.browser:
        return read.browser, read.browser_version
    return family, version


def _digit(text: str | None) -> str:
    return text if text and text.isascii() and text.isdigit() and len(text) == 1 else "0"
