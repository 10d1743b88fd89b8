"""The form of the rules for the reports: its fields as texts, and the rules that they say."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from askfirst.errors import Malformed
from askfirst.rules.report_rules import (
    Renaming,
    ReportRules,
    read_addresses,
    read_hosts,
    read_paths,
    read_renamings,
)
from askfirst.sites import Site
from reports.http.forms import Form

NO_WHOLE_ADDRESSES = (
    "The wording of this site does not say that addresses are kept whole, so there is none to look"
    " at. Leave out your own visits on the page of the visitor instead."
)
_YES = "yes"
_READ: dict[str, Callable[[str, str], tuple[Any, ...]]] = {
    "exclude_paths": read_paths,
    "exclude_hosts": read_hosts,
    "exclude_addresses": read_addresses,
    "group_paths": read_paths,
    "hosts": lambda text, field: read_renamings(text, field, hosts=True),
    "sources": read_renamings,
}
TICKED = ("index_files", "trailing_slash")
FIELDS = (*_READ, *TICKED)
Typed = Mapping[str, str]
"""What stands in the fields, by their names; a tick is `yes` or ''."""


def typed_of(rules: ReportRules) -> Typed:
    """Return the fields that say these rules."""
    texts = {name: _lines(getattr(rules, name)) for name in _READ}
    return texts | {name: _YES if getattr(rules, name) else "" for name in TICKED}


def typed_in(form: Form) -> Typed:
    """Return the fields of a posted form."""
    return {name: form.get(name, "") for name in FIELDS}


def read(typed: Typed, site: Site) -> tuple[ReportRules, dict[str, str]]:
    """Return the rules that the fields say, and what is wrong in them, by field."""
    found: dict[str, Any] = {name: typed[name] == _YES for name in TICKED}
    errors: dict[str, str] = {}
    for name, reading in _READ.items():
        try:
            found[name] = reading(typed[name], name)
        except Malformed as error:
            errors[name] = error.message
    if site.ip_mode != "whole" and _new_addresses(found.get("exclude_addresses", ()), site):
        errors["exclude_addresses"] = NO_WHOLE_ADDRESSES
    return (ReportRules() if errors else ReportRules(**found)), errors


def _new_addresses(addresses: Sequence[str], site: Site) -> set[str]:
    """Return those that are no rule yet: older ones may be of a wording that kept them whole."""
    return set(addresses) - set(site.report_rules.exclude_addresses)


def digest_of(rules: ReportRules) -> str:
    """Return what names these rules, so that what is saved is what was looked at."""
    return hashlib.sha256(msgspec.json.encode(rules)).hexdigest()[:16]


def _lines(rules: tuple[str | Renaming, ...]) -> str:
    return "\n".join(one if isinstance(one, str) else " = ".join(one) for one in rules)
