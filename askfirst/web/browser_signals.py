"""Signals of a browser in its headers: Global Privacy Control, and that it fetches a page ahead."""

from collections.abc import Iterable, Mapping

from starlette.datastructures import Headers

PURPOSES = ("sec-purpose", "purpose", "x-moz")
"""The headers in which browsers say what they fetch something for."""


def global_privacy_control(headers: Headers) -> bool:
    """Return whether `Sec-GPC` is `1`, its only value; several lines count as one with commas."""
    return says_control(headers.getlist("sec-gpc"))


def says_control(lines: Iterable[str]) -> bool:
    """Return whether one of the values of `Sec-GPC` is `1`."""
    return any(part.strip() == "1" for line in lines for part in line.split(","))


def fetches_ahead(headers: Mapping[str, str]) -> bool:
    """Return whether a browser fetches something before anybody has asked for it.

    Chromium says `Sec-Purpose: prefetch` (also for prerendering), others `Purpose` or `X-Moz`. The
    names of `headers` are in lower case, or compared without regard to it.
    """
    return any("prefetch" in headers.get(name, "").lower() for name in PURPOSES)
