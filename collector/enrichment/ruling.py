"""The owner's rules for the reports, applied to the columns of a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from askfirst.rules.applying import BY_ADDRESS, BY_VISITOR, leaves_address_out, ruled
from askfirst.sites import Site

_NEEDED = ("site_id", "host", "path", "source", "ip", "visitor_id")


def apply_rules(columns: Mapping[str, list[Any]], site_of: Callable[[int], Site | None]) -> None:
    """Change columns as the rules of each event's site say: names, `original` and `excluded`.

    What the reports leave out gets the negative number of its site, unless it has it already, for
    another reason: then no rule of the owner's is needed. Sites without rules cost one look each.
    """
    found = {number: site_of(abs(number)) for number in set(columns["site_id"])}
    ruling = {number: site for number, site in found.items() if site and site.has_report_rules}
    if not ruling:
        return
    given = zip(*(columns[name] for name in _NEEDED), strict=True)
    for index, (number, host, path, source, ip, visitor_id) in enumerate(given):
        site = ruling.get(number)
        if site is None:
            continue
        made = ruled(path, site.report_rules, host, source)
        if made.original:
            columns["host"][index] = made.host
            columns["path"][index] = made.path
            columns["source"][index] = made.source
            columns["original"][index] = made.original
        if number > 0 and (excluded := made.excluded or _excluded(site, ip, visitor_id)):
            columns["excluded"][index] = excluded
            columns["site_id"][index] = -number


def _excluded(site: Site, ip: str, visitor_id: str) -> int:
    if visitor_id in site.left_out_visitors:
        return BY_VISITOR
    return BY_ADDRESS if leaves_address_out(site.report_rules, ip) else 0
