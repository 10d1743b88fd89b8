"""The owner's rules for the reports, applied to a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from askfirst.rules.applying import (
    BY_ADDRESS,
    BY_OTHER,
    BY_VISITOR,
    RESTRICTED,
    Ruled,
    leaves_address_out,
    ruled,
)
from askfirst.rules.report_rules import ReportRules
from askfirst.sites import Site
from askfirst.text.text_cache import LONGEST

if TYPE_CHECKING:
    import pyarrow as pa

TEXTS = ("host", "path", "source", "original")
_LOOKED_AT = ("site_id", "host", "path", "source")
_KNOWN = 16_384
_Names = tuple[str, str, str]


def apply_rules(batch: pa.Table, site_of: Callable[[int], Site | None]) -> pa.Table:
    """Return a batch as the rules of each event's site say: names, `original` and `excluded`.

    What the reports leave out gets the negative number of its site, unless it has it already, for
    another reason: then no rule of the owner's is needed. Sites without rules cost one look each.
    """
    found = {number: site_of(abs(number)) for number in batch["site_id"].unique().to_pylist()}
    ruling = {number: site for number, site in found.items() if site and site.has_report_rules}
    if not ruling:
        return batch
    batch = _by_names(batch, ruling)
    return _on_their_sides(_restricted(_by_senders(batch, ruling), ruling))


def _by_names(batch: pa.Table, ruling: Mapping[int, Site]) -> pa.Table:
    """Apply the rules about host, path and source to each that stand together, once."""
    keys, places = _distinct(batch, _LOOKED_AT)
    known = {number: _known(site.report_rules) for number, site in ruling.items()}
    made = [_made(ruling.get(key[0]), known.get(key[0], {}), *key) for key in keys]
    if not any(one.original or one.excluded for one in made):
        return batch
    for place, name in enumerate((*TEXTS, "excluded")):
        batch = _with(batch, name, [one[place] for one in made], places)
    return batch


def _distinct(batch: pa.Table, names: Sequence[str]) -> tuple[list[tuple[Any, ...]], Any]:
    """Return the values of columns that stand together, and which of them each row has."""
    import numpy as np  # noqa: PLC0415 - a start needs none
    import pyarrow as pa  # noqa: PLC0415 - it takes 0.2 s

    columns = [batch[name].combine_chunks() for name in names]
    encoded = [
        one if pa.types.is_dictionary(one.type) else one.dictionary_encode() for one in columns
    ]
    codes = np.zeros(batch.num_rows, np.int64)
    for one in encoded:
        codes = codes * max(len(one.dictionary), 1) + one.indices.to_numpy(zero_copy_only=False)
    _, first, places = np.unique(codes, return_index=True, return_inverse=True)
    shown = []
    for one in encoded:
        values = one.dictionary.to_pylist()
        indices = one.indices.to_numpy(zero_copy_only=False)[first]
        shown.append([values[index] for index in indices.tolist()])
    return list(zip(*shown, strict=True)), places


def _with(batch: pa.Table, name: str, values: Sequence[Any], places: Any) -> pa.Table:
    """Return a batch with a column of the values that its rows have."""
    import pyarrow as pa  # noqa: PLC0415 - see above

    kind = pa.int32() if name == "excluded" else pa.string()
    column = pa.array(values, kind).take(pa.array(places))
    return batch.set_column(batch.schema.get_field_index(name), name, column)


@lru_cache(maxsize=64)
def _known(rules: ReportRules) -> dict[_Names, Ruled]:
    """Return what rules make of names that were looked at, to which others are added."""
    return {}


def _made(site: Site | None, known: dict[_Names, Ruled], number: int, *names: str) -> Ruled:
    host, path, source = names
    if site is None:
        return Ruled(host, path, source, "", 0)
    made = known.get((host, path, source))
    if made is None:
        made = ruled(path, site.report_rules, host, source)
        if len(known) >= _KNOWN:
            known.clear()
        if len(path) <= LONGEST:
            known[host, path, source] = made
    return made if number > 0 else made._replace(excluded=0)


def _by_senders(batch: pa.Table, ruling: Mapping[int, Site]) -> pa.Table:
    """Apply the rules about visitors, and then those about addresses, to each of them once."""
    if any(site.left_out_visitors for site in ruling.values()):
        batch = _by_sender(batch, ruling, "visitor_id", _of_visitor)
    if any(site.report_rules.exclude_addresses for site in ruling.values()):
        batch = _by_sender(batch, ruling, "ip", _of_address)
    return batch


def _by_sender(
    batch: pa.Table, ruling: Mapping[int, Site], name: str, rule_of: Callable[[Site, str], int]
) -> pa.Table:
    import pyarrow.compute as pc  # noqa: PLC0415 - see above

    keys, places = _distinct(batch, ("site_id", name))
    found = [
        rule_of(ruling[number], value) if number > 0 and number in ruling else 0
        for number, value in keys
    ]
    if not any(found):
        return batch
    before = batch["excluded"]
    batch = _with(batch, "excluded", found, places)
    both = pc.if_else(pc.greater(before, 0), before, batch["excluded"])
    return batch.set_column(batch.schema.get_field_index("excluded"), "excluded", both)


def _of_visitor(site: Site, visitor_id: str) -> int:
    return BY_VISITOR if visitor_id in site.left_out_visitors else 0


def _of_address(site: Site, ip: str) -> int:
    return BY_ADDRESS if leaves_address_out(site.report_rules, ip) else 0


def _restricted(batch: pa.Table, ruling: Mapping[int, Site]) -> pa.Table:
    """Mark the events of visitors who have restricted their use, and what else leaves them out."""
    if not any(site.restricted_visitors for site in ruling.values()):
        return batch
    keys, places = _distinct(batch, ("site_id", "visitor_id", "excluded"))
    held = [
        RESTRICTED + (excluded if number > 0 else BY_OTHER)
        if number in ruling and visitor_id in ruling[number].restricted_visitors
        else excluded
        for number, visitor_id, excluded in keys
    ]
    return _with(batch, "excluded", held, places)


def _on_their_sides(batch: pa.Table) -> pa.Table:
    import pyarrow.compute as pc  # noqa: PLC0415 - see above

    numbers = batch["site_id"]
    is_out = pc.greater(batch["excluded"], 0)
    sides = pc.if_else(is_out, pc.negate(pc.abs(numbers)), numbers)
    return batch.set_column(batch.schema.get_field_index("site_id"), "site_id", sides)
