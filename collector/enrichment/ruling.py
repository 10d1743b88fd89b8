"""The owner's rules for the reports, applied to the columns of a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal

from askfirst.rules.applying import BY_ADDRESS, BY_VISITOR, Ruled, leaves_address_out, ruled
from askfirst.rules.report_rules import ReportRules
from askfirst.sites import Site
from askfirst.text.text_cache import LONGEST

Columns = Mapping[str, list[Any]]
TEXTS = ("host", "path", "source", "original")


def apply_rules(columns: Columns, site_of: Callable[[int], Site | None]) -> None:
    """Change columns as the rules of each event's site say: names, `original` and `excluded`.

    What the reports leave out gets the negative number of its site, unless it has it already, for
    another reason: then no rule of the owner's is needed. Sites without rules cost one look each.
    """
    numbers = columns["site_id"]
    found = {number: site_of(abs(number)) for number in set(numbers)}
    ruling = {number: site for number, site in found.items() if site and site.has_report_rules}
    if not ruling:
        return
    places: dict[int, Sequence[int]] = {number: range(len(numbers)) for number in ruling}
    if len(found) > 1:
        places = {
            number: [index for index, one in enumerate(numbers) if one == number]
            for number in ruling
        }
    for number, site in ruling.items():
        _apply_by_names(columns, site.report_rules, places[number])
        if number > 0 and (site.left_out_visitors or site.report_rules.exclude_addresses):
            _apply_by_senders(columns, site, places[number])


def _apply_by_names(columns: Columns, rules: ReportRules, places: Sequence[int]) -> None:
    """Apply the rules about host, path and source, of which there are few different ones."""
    hosts, paths, sources, originals = (columns[one] for one in TEXTS)
    known = _known(rules)
    if isinstance(places, range):
        keys = list(zip(hosts, paths, sources, strict=True))
    else:
        keys = [(hosts[index], paths[index], sources[index]) for index in places]
    for index, key, made in zip(places, keys, map(known.get, keys), strict=True):
        if made is None:
            made = _made(rules, known, key)  # noqa: PLW2901 - it is known from now on
        if not made:
            continue
        if made.original:
            hosts[index], paths[index], sources[index], originals[index] = made[:4]
        if made.excluded and columns["site_id"][index] > 0:
            _exclude(columns, index, made.excluded)


_Names = tuple[str, str, str]
_KNOWN = 16_384


@lru_cache(maxsize=64)
def _known(rules: ReportRules) -> dict[_Names, Ruled | Literal[False]]:
    """Return what rules make of names that were looked at, False for nothing."""
    return {}


def _made(
    rules: ReportRules, known: dict[_Names, Ruled | Literal[False]], names: _Names
) -> Ruled | Literal[False]:
    host, path, source = names
    made = ruled(path, rules, host, source)
    said: Ruled | Literal[False] = made if made.original or made.excluded else False
    if len(known) >= _KNOWN:
        known.clear()
    if len(path) <= LONGEST:
        known[names] = said
    return said


def _apply_by_senders(columns: Columns, site: Site, places: Sequence[int]) -> None:
    """Apply the rules about visitors and addresses to what is not left out yet."""
    numbers, ips, visitors = (columns[one] for one in ("site_id", "ip", "visitor_id"))
    for index in places:
        if numbers[index] < 0:
            continue
        if visitors[index] in site.left_out_visitors:
            _exclude(columns, index, BY_VISITOR)
        elif leaves_address_out(site.report_rules, ips[index]):
            _exclude(columns, index, BY_ADDRESS)


def _exclude(columns: Columns, index: int, excluded: int) -> None:
    columns["excluded"][index] = excluded
    columns["site_id"][index] *= -1
