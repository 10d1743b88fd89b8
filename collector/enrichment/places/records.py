"""What a record of a file says: country, region and city, in each of the forms that files have."""

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

_LONGEST = 100
"""Characters of a name."""
LOCAL = "local"
"""The country of an address in a local network."""

# fmt: off
_LOCAL_NETWORKS = tuple(ipaddress.ip_network(one) for one in (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",  # RFC 1918
    "100.64.0.0/10",  # the network of a provider before it translates addresses (RFC 6598)
    "127.0.0.0/8", "::1/128", "169.254.0.0/16", "fe80::/10",  # this machine and this link
    "fc00::/7", "fec0::/10",  # RFC 4193, RFC 3879
))
# fmt: on

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class Place(msgspec.Struct, frozen=True):
    """Where an address is: ISO 3166-1 alpha-2 or `local`, and names in English; unknown is ''."""

    country: str = ""
    region: str = ""
    city: str = ""


UNKNOWN = Place()
_IN_A_LOCAL_NETWORK = Place(country=LOCAL)


def place_of(record: Any) -> Place:
    """Return what a record says.

    Read are the nested form of MaxMind and DB-IP (`country.iso_code`, `subdivisions`, `city`, each
    with `names`) and the flat ones (`country_code`, `state1` or `region`, `city`).
    """
    if not isinstance(record, dict):
        return UNKNOWN
    return Place(
        country=_country(record),
        region=_first(_region_names(record)),
        city=_first([record.get("city"), record.get("city_name")]),
    )


def place_without_record(address: IPAddress) -> Place:
    """Return what is known of an address that the file does not have."""
    return _IN_A_LOCAL_NETWORK if any(address in one for one in _LOCAL_NETWORKS) else UNKNOWN


def _country(record: Mapping[str, Any]) -> str:
    nested = record.get("country")
    told = nested.get("iso_code") if isinstance(nested, dict) else nested
    codes = (one for one in (told, record.get("country_code")) if isinstance(one, str))
    known = (one for one in codes if len(one) == 2 and one.isascii() and one.isalpha())
    return next(known, "").upper()


def _region_names(record: Mapping[str, Any]) -> list[Any]:
    nested = record.get("subdivisions")
    widest = nested[0] if isinstance(nested, list) and nested else None
    return [widest, *(record.get(name) for name in ("state1", "region", "region_name", "state"))]


def _first(told: Iterable[Any]) -> str:
    return next((name for one in told if (name := _name(one))), "")


def _name(told: Any) -> str:
    """Return a name in English, or in another language where it has no English one."""
    if isinstance(told, dict):
        names = told.get("names")
        named = names if isinstance(names, dict) else {"en": told.get("name")}
        told = named.get("en") or next(iter(named.values()), "")
    if not isinstance(told, str):
        return ""
    shown = "".join(one for one in told if one.isprintable())
    return " ".join(shown.split())[:_LONGEST].rstrip()
