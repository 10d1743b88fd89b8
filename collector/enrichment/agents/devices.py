"""Kinds of devices: desktop, phone, tablet, television, console, watch, car, reader."""

import re
from types import SimpleNamespace
from typing import Any

from user_agents.parsers import UserAgent

from collector.enrichment.agents.device_names import (
    BOX,
    DESKTOP,
    OF_ANDROID,
    OTHER,
    PHONE,
    READER,
    SAID,
    SYSTEMS,
    TABLET,
)
from collector.enrichment.agents.matchers import MATCHERS
from collector.enrichment.agents.rules import Rules

_TABLET = re.compile(r"[Tt]ablet(?! PC)")
_OF_PHONES = re.compile(
    r"J-PHONE|Vodafone/|SoftBank/|SIE-|SAGEM|SEC-|SonyEricsson|Nokia\d|UCWEB|DoCoMo|KDDI|UP\.Browser"
    r"|Opera Mini|Opera Mobi|/Screen-\d|MAUI|MIDP|Phone;|[Mm]obile"
)

_MODEL = re.compile(
    r"(?:Android|Adr|Andr0id)[ /-]?[\d._]+(?:[;,) ]+|/)(?:U; ?)?(?:[a-z]{2}[-_][A-Za-z]{2}; ?)?"
    r"(?:HarmonyOS; ?)?([^;)]*)"
)
_BUILD = re.compile(r" ?(?:Build|MIUI)/.*$")

_ANDROIDS = frozenset({"Android", "Fire OS", "HarmonyOS", "OpenHarmony", "Meta Horizon", "PICO OS"})
_COMPUTERS = frozenset({"Windows", "Mac OS X"})
"""Systems on which a reader of books is an app."""

_SAID_RULES = Rules(SAID)
_BOX_RULES = Rules(BOX)
_OF_ANDROID_RULES = Rules(OF_ANDROID)


def device_of(text: str, system: str) -> str:
    """Return the kind of device, or '' where the text does not say."""
    if system in _ANDROIDS:
        return _android(text)
    if system == "iOS" and (kind := _ios(text)):
        return kind  # whatever an app there is called
    said = _SAID_RULES.name(text)
    if said and not (said == READER and system in _COMPUTERS):
        return "" if said == OTHER else said
    if system == "iOS":
        return ""
    if kind := SYSTEMS.get(system, ""):
        return _tablet_of(text, kind, system)
    return PHONE if _OF_PHONES.search(text) else _as_ua_parser_says(text)


def _android(text: str) -> str:
    """Return the kind of a device of Android, by its name; else `Mobile` tells phones."""
    found = _MODEL.search(text)
    model = _BUILD.sub("", found[1]) if found else ""
    mobile = "Mobile" in text
    kind = (
        _OF_ANDROID_RULES.name(model)
        or ("" if mobile else _BOX_RULES.name(model))
        or _SAID_RULES.name(text)
    )
    if kind:
        return "" if kind == OTHER else kind
    if "; OpenHarmony" in text:
        return PHONE if "Phone;" in text else DESKTOP if "PC;" in text else TABLET
    if "/apad" in text or _TABLET.search(text):
        return TABLET
    if mobile or "Dalvik" in text or "AppleWebKit" not in text:
        return PHONE
    return TABLET


def _ios(text: str) -> str:
    if "iPad" in text or "Macintosh" in text:  # whose browser has the name of iOS
        return TABLET
    if "iPhone" in text or "iPod" in text or "iPh" in text:
        return PHONE
    return ""


def _tablet_of(text: str, kind: str, system: str) -> str:
    if kind == DESKTOP and "Windows" in text and ("Tablet PC" not in text and "; ARM;" in text):
        return TABLET  # Windows RT
    if system in ("Linux", "Ubuntu") and ("Mobile" in text or "UCWEB" in text):
        return PHONE
    if kind == PHONE and ("Tablet" in text or "PlayBook" in text):
        return TABLET
    return kind


def _as_ua_parser_says(text: str) -> str:
    """Return what the rules of the library `user_agents` make of ua-parser's device."""
    found = MATCHERS.de.extract(text)
    agent: Any = UserAgent.__new__(UserAgent)
    agent.ua_string = text
    agent.device = SimpleNamespace(family=found.family if found else "Other")
    agent.os = SimpleNamespace(family="", version_string="")
    agent.browser = SimpleNamespace(family="")
    if agent.is_tablet:
        return TABLET
    if agent.is_mobile or agent.device.family in ("Generic Feature Phone", "Generic Smartphone"):
        return PHONE
    return DESKTOP if agent.is_pc else ""
