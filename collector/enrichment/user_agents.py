"""What a user agent says: browser, system, device, bot; loading the lists takes half a second."""

import re
from typing import Any

import crawleruseragents
import msgspec
import ua_parser
from user_agents.parsers import UserAgent, parse_browser, parse_device, parse_operating_system

_TELEVISION = re.compile(r"\b(smart-?tv|tv|hbbtv|aft[a-z]+|crkey|roku|bravia|googletv)\b", re.I)
_DESKTOP_SYSTEMS = frozenset({"Windows", "Mac OS X", "Linux", "Ubuntu", "Fedora", "Chrome OS"})


class Client(msgspec.Struct, frozen=True):
    """What a user agent says; unknown is ''. `device` is one word of ours (see `_device`)."""

    browser: str
    browser_version: str
    os: str
    os_version: str
    device: str
    bot: bool
    browser_variant: str = ""


class _Agent(UserAgent):  # type: ignore[misc]
    """The library's rules on top of the native matcher, which the library itself does not use."""

    def __init__(self, text: str) -> None:
        found = ua_parser.parse(text).with_defaults()
        self.ua_string = text
        browser, system, device = found.user_agent, found.os, found.device
        self.browser = parse_browser(
            browser.family, browser.major, browser.minor, browser.patch, browser.patch_minor
        )
        self.os = parse_operating_system(
            system.family, system.major, system.minor, system.patch, system.patch_minor
        )
        self.device = parse_device(device.family, device.brand, device.model)


def read_agent(user_agent: str) -> Client:
    """Read a user agent; the result is not cached here."""
    agent = _Agent(user_agent)
    return Client(
        browser=_known(agent.browser.family),
        browser_version=str(agent.browser.version_string or ""),
        os=_known(agent.os.family),
        os_version=str(agent.os.version_string or ""),
        device=_device(agent, user_agent),
        bot=bool(agent.is_bot) or bool(crawleruseragents.is_crawler(user_agent)),
    )


def _known(family: str | None) -> str:
    return "" if family in (None, "Other") else str(family)


def _device(agent: Any, text: str) -> str:
    """Return `phone`, `tablet`, `desktop`, `television`, or '' where the text does not say.

    For Android the word "Mobile" decides, as Android's own guidance says: the library takes every
    Android without "Mobile Safari" for a tablet, web views and televisions too.
    """
    if _TELEVISION.search(text):
        return "television"
    if agent.os.family == "Android":
        return "phone" if "Mobile" in text else "tablet"
    if agent.is_tablet:
        return "tablet"
    if agent.is_mobile:
        return "phone"
    return "desktop" if agent.is_pc or agent.os.family in _DESKTOP_SYSTEMS else ""
