"""The form of a site: what was typed, what is wrong with it, and the site that it means."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from starlette.requests import Request

from askfirst.sites import DEFAULT_IP_MODE, IP_MODES, IpMode, Site, is_web_address
from askfirst.web.shown_addresses import host as shown_host
from askfirst.web.shown_addresses import machine_host
from askfirst.web.urls import PORT, split_address
from reports.http.forms import Form
from reports.sites.browser_language import spoken
from reports.sites.hosts import shared_hosts, sharing, takes_in_everybody

FALLBACK = "en"
HOSTS_MOST = 50
TEXT_LONGEST = 200
URL_LONGEST = 500
CHANGEABLE = ("name", "hosts", "time_zone")

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?:(?:\*\.)?{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])(?::{PORT})?")
_LAST_DOT = re.compile(r"\.(?=(?::[0-9]*)?$)")  # of a fully qualified name
_HIDDEN_ZONES = ("Etc/", "SystemV/", "US/", "posix", "right", "Factory", "localtime")


@dataclass(frozen=True)
class SiteForm:
    """What was typed, field by field, exactly as typed.

    `shared` holds the hosts that belong to another site too, as the owner has confirmed.
    """

    name: str = ""
    hosts: str = ""
    time_zone: str = ""
    controller: str = ""
    contact: str = ""
    privacy_url: str = ""
    ip_mode: str = DEFAULT_IP_MODE
    language: str = ""
    shared: str = ""


@dataclass(frozen=True)
class NewSite:
    """A site to be added: what `SiteBook.add` and the first policy need."""

    name: str
    hosts: tuple[str, ...]
    time_zone: str
    controller: str
    contact: str
    privacy_url: str
    ip_mode: IpMode
    language: str = FALLBACK


def site_form(form: Form) -> SiteForm:
    """Return the fields of the site in a posted form."""
    return SiteForm(**{one.name: form[one.name] for one in fields(SiteForm) if one.name in form})


def first_form(request: Request, languages: Iterable[str]) -> SiteForm:
    """Begin the form of a new site in the language of the owner's browser, as far as it is known.

    A script fills in the browser's time zone, which no header tells.
    """
    return SiteForm(language=spoken(request.headers.get("accept-language", ""), languages))


def form_of(site: Site) -> SiteForm:
    """Return the form filled with what may change of a site."""
    hosts = "\n".join(shown_host(one) for one in site.hosts)
    return SiteForm(name=site.name, hosts=hosts, time_zone=site.time_zone)


def read_site(typed: SiteForm) -> tuple[NewSite, dict[str, str]]:
    """Return the site that was typed, and what is wrong with it, by field."""
    site = NewSite(
        name=_line(typed.name),
        hosts=_hosts(typed.hosts),
        time_zone=typed.time_zone.strip(),
        controller=_line(typed.controller),
        contact=_line(typed.contact),
        privacy_url=typed.privacy_url.strip(),
        ip_mode=next((mode for mode in IP_MODES if mode == typed.ip_mode), DEFAULT_IP_MODE),
        language=typed.language or FALLBACK,
    )
    found = {
        "name": _text_error(site.name),
        "hosts": _hosts_error(site.hosts),
        "time_zone": _zone_error(site.time_zone),
        "controller": _text_error(site.controller),
        "contact": _text_error(site.contact),
        "privacy_url": _url_error(site.privacy_url),
        "ip_mode": _ip_mode_error(typed.ip_mode),
    }
    return site, {name: sentence for name, sentence in found.items() if sentence}


def read_change(typed: SiteForm) -> tuple[NewSite, dict[str, str]]:
    """Read only what may change once a policy is published: the name, the hosts, the time zone."""
    site, errors = read_site(typed)
    return site, {name: errors[name] for name in CHANGEABLE if name in errors}


def ask_about_shared(
    typed: SiteForm, hosts: Iterable[str], others: Sequence[Site]
) -> tuple[SiteForm, dict[str, str]]:
    """Return what to confirm where another site has one of the `hosts` too.

    That is the form with the shared hosts, and the sentence that asks for a tick, by field. Two
    sites may share a host, such as on two paths of it, so confirmed hosts are accepted.
    """
    shared = shared_hosts(hosts, others)
    asking = replace(typed, shared=" ".join(shared))
    if set(shared) <= set(typed.shared.split()):
        return asking, {}
    sentence = (
        f"Hosts that another site has: {sharing(shared, others)}. Each page belongs to the site"
        " whose key its tag has, with a choice and visitors of its own. Loads of the tag are"
        " counted for one of the sites."
    )
    return asking, {"shared": sentence}


@cache
def time_zones() -> tuple[str, ...]:
    """Return the names of the time zones to choose from, UTC first."""
    places = {
        zone for zone in available_timezones() if "/" in zone and not zone.startswith(_HIDDEN_ZONES)
    }
    return ("UTC", *sorted(places))


def _line(text: str) -> str:
    return " ".join(text.split())


def _hosts(text: str) -> tuple[str, ...]:
    written = re.split(r"[\s,;]+", text.strip().lower())
    return tuple(dict.fromkeys(_host(entry) for entry in written if entry))


def _host(entry: str) -> str:
    # People paste whole addresses where they mean the host.
    whole = split_address(entry).netloc.rpartition("@")[2] if "://" in entry else ""
    host = whole or entry.split("/", 1)[0]
    try:
        named = host if host.isascii() else machine_host(host)
    except ValueError:
        return host
    return _LAST_DOT.sub("", named)


def _hosts_error(hosts: tuple[str, ...]) -> str | None:
    if not hosts:
        return "Name at least one host, such as example.org."
    if len(hosts) > HOSTS_MOST:
        return f"Name at most {HOSTS_MOST} hosts."
    if not all(_HOST.fullmatch(host) and len(host) <= 253 for host in hosts):
        return "Write hosts as example.org, *.example.org or localhost:8001, one a line."
    if takes_in_everybody(hosts):
        return (
            "Right below a public suffix, as in *.de, *.co.uk or *.github.io, a wildcard takes in"
            " everybody's websites. Name your own, such as *.example.org."
        )
    return None


def _text_error(text: str) -> str | None:
    if not text:
        return "This is needed."
    if len(text) > TEXT_LONGEST or not text.isprintable():
        return f"Use at most {TEXT_LONGEST} printable characters."
    return None


def _zone_error(zone: str) -> str | None:
    return None if zone in available_timezones() else "Choose a time zone from the list."


def _ip_mode_error(mode: str) -> str | None:
    return None if mode in IP_MODES else "Choose one of the three."


def _url_error(url: str) -> str | None:
    good = not url or (is_web_address(url) and url.isprintable() and len(url) <= URL_LONGEST)
    return None if good else "Write a whole web address that begins with https:// or http://."


def policy_values(site: NewSite) -> tuple[str, str, str, str, IpMode, str]:
    """Return what the first policy is written from, in the order that `DefaultPolicy` takes."""
    return (
        site.name,
        site.controller,
        site.contact,
        site.privacy_url,
        site.ip_mode,
        site.language,
    )


def as_context(typed: SiteForm, errors: dict[str, str]) -> dict[str, Any]:
    """Return the fields of a page's context that show this form."""
    return {"typed": typed, "errors": errors, "time_zones": time_zones()}
