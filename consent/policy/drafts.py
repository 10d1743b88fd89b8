"""What an owner edits: a policy's facts and changed words; shipped words make up the rest."""

from collections.abc import Mapping, Sequence
from typing import Any

from askfirst.columns import (
    AGENT_COLUMNS,
    COLUMNS,
    LANGUAGE_COLUMNS,
    LINK_COLUMNS,
    MONEY_COLUMNS,
    ORIGIN_COLUMNS,
    PURPOSE,
    REVENUE,
)
from askfirst.sites import IP_MODES
from consent.policy.languages import Texts, duration, languages, shipped_texts

DERIVED = ("texts", "times", "withdrawn_days")
"""The keys of a content that a draft does not have."""
WITHDRAWN_DAYS = 30
"""How many days after a withdrawal the visitor's data are erased, if not asked for before."""
OFFERED = {REVENUE: MONEY_COLUMNS}
"""The purposes that ship beside the visit statistics, and their columns.

An owner adds one by choosing it; its words are there in every language. Its columns are recorded
for no other purpose, and without it not at all.
"""
TOGETHER = {
    AGENT_COLUMNS: "Browser, system and device are told by one header; keep them in one purpose.",
    LINK_COLUMNS: "A link's address tells its kind; keep both in one purpose.",
    ORIGIN_COLUMNS: "The website before tells source and channel; keep them in one purpose.",
    LANGUAGE_COLUMNS: "All languages tell the first; keep both in one purpose.",
}
"""Columns that are received together, so that a purpose has all of them or none; and why."""

Draft = dict[str, Any]
"""A content without what is derived; `languages` lists tags, `own` has changed words by tag.

`own[tag]` is flat: `{"banner.title": "…", "purposes.ID.text": "…"}`.
"""


def statistics_columns(added: Sequence[Mapping[str, Any]] = ()) -> tuple[str, ...]:
    """Return the columns of the visit statistics: all but those of other purposes."""
    taken = {column for purpose in added for column in purpose["columns"]}
    return tuple(one.name for one in COLUMNS if one.purpose == PURPOSE and one.name not in taken)


def placed(added: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return all purposes: the statistics, with the columns no other has, then the added.

    A purpose that ships has its own columns, too.
    """
    own = [_with(one, OFFERED.get(one["id"], ())) for one in added]
    return [{"id": PURPOSE, "columns": list(statistics_columns(own))}, *own]


def _with(purpose: Mapping[str, Any], columns: Sequence[str]) -> Mapping[str, Any]:
    missing = [one for one in columns if one not in purpose["columns"]]
    return {**purpose, "columns": [*purpose["columns"], *missing]} if missing else purpose


def untold_columns(content: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the columns that a published content does not tell of, so that they stay empty.

    The next version tells of them. Columns of a purpose that was not added are none of them.
    """
    told = {column for purpose in content["purposes"] for column in purpose["columns"]}
    ids = {purpose["id"] for purpose in content["purposes"]}
    return tuple(
        one.name
        for one in COLUMNS
        if one.purpose in ids and not one.is_fixed and one.name not in told
    )


def draft_of(content: Mapping[str, Any]) -> Draft:
    """Return the draft from which a content was made.

    A content of an older release may lack a column, which is not recorded under it: in the draft a
    purpose has it, mostly the visit statistics, so that the next version tells of it.
    """
    facts = {name: value for name, value in content.items() if name not in DERIVED}
    facts["purposes"] = _completed(content["purposes"])
    return {"refusal_days": content["choice_days"], **facts}  # earlier, one number was for both


def _completed(purposes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    told = {column for one in purposes for column in one["columns"]}
    added = [
        _with(one, [new for new in _belonging(one) if new not in told])
        for one in purposes
        if one["id"] != PURPOSE
    ]
    columns = list(statistics_columns(added))
    first = [one for one in purposes if one["id"] == PURPOSE]
    if not told.issuperset(columns):
        first = [{**one, "columns": columns} for one in first]
    return [*first, *added]


def _belonging(purpose: Mapping[str, Any]) -> list[str]:
    """Return the columns that a purpose has to have: its own, and what is received with others."""
    groups = [one for one in TOGETHER if not set(one).isdisjoint(purpose["columns"])]
    return [column for one in (OFFERED.get(purpose["id"], ()), *groups) for column in one]


def repaired(draft: Draft, content: Mapping[str, Any]) -> Draft:
    """Return a stored draft with what no page could show replaced from the content.

    That is an unknown `ip_mode`, unknown languages, and no language at all. An older draft has one
    number of days for a yes and a no, and may lack columns.
    """
    tags = [tag for tag in draft["languages"] if tag in languages()]
    known = draft["ip_mode"] in IP_MODES
    return {
        **draft,
        "purposes": _completed(draft["purposes"]),
        "refusal_days": draft.get("refusal_days", draft["choice_days"]),
        "ip_mode": draft["ip_mode"] if known else content["ip_mode"],
        "languages": tags or [content["default_language"]],
    }


def content_of(draft: Draft) -> dict[str, Any]:
    """Return the content of a draft, as `SiteBook.publish` takes it."""
    tags = draft["languages"]
    return {
        **draft,
        "withdrawn_days": WITHDRAWN_DAYS,
        "texts": {tag: words_of(draft, tag) for tag in tags},
        "times": {tag: _times(draft, tag) for tag in tags},
    }


def words_of(draft: Mapping[str, Any], tag: str) -> Texts:
    """Return the texts of a language with the owner's words; a missing text is empty."""
    texts = dict(shipped_texts(tag))
    own = draft["own"].get(tag, {})
    texts["banner"] = {key: own.get(f"banner.{key}", text) for key, text in texts["banner"].items()}
    shipped = texts["purposes"]
    texts["purposes"] = {
        purpose["id"]: {
            part: own.get(
                f"purposes.{purpose['id']}.{part}", shipped.get(purpose["id"], {}).get(part, "")
            )
            for part in ("title", "text")
        }
        for purpose in draft["purposes"]
    }
    return texts


def _times(draft: Mapping[str, Any], tag: str) -> dict[str, str]:
    return {
        "retention": duration(draft["retention_months"], "month", tag),
        "remembered": _remembered(draft, tag),
        "asked_again": duration(draft["refusal_days"], "day", tag),
        "erased_after": duration(WITHDRAWN_DAYS, "day", tag),
    }


def _remembered(draft: Mapping[str, Any], tag: str) -> str:
    """Say how long a choice is remembered: one duration, or one for each button by its label."""
    yes, no = (duration(draft[name], "day", tag) for name in ("choice_days", "refusal_days"))
    if yes == no:
        return yes
    purposes, banner = draft["purposes"], words_of(draft, tag)["banner"]
    several = "_all" if [purpose["id"] for purpose in purposes] != [PURPOSE] else ""
    return f"{yes} ({banner[f'accept{several}']}) · {no} ({banner[f'refuse{several}']})"
