"""What changed between two versions of a policy, and which changes a yes does not cover."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from askfirst.sites import IP_MODES
from consent.policy.languages import Texts, duration, listed

Kind = Literal["purpose", "field", "retention", "recipient", "controller", "address"]


@dataclass(frozen=True)
class Change:
    """One material change; `item` is a purpose's id, a column, a number of months or a name."""

    kind: Kind
    item: str = ""


def material_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Return what a policy's content adds that a yes to the old content does not cover.

    That is a new purpose, a column newly recorded or recorded for another purpose, a longer
    retention, a new recipient, another controller, or an address kept more fully (EDPB guidelines
    05/2020 on consent, paragraphs 55 to 57 and 110). `withdrawn_days` adds nothing: it only erases
    earlier. A program cannot tell whether other words mean the same, so the owner is asked about
    the words of a purpose, see `reworded`.
    """
    return [*_purposes(old, new), *_facts(old, new)]


def reworded(old: Texts, new: Texts) -> list[str]:
    """Return the ids of the purposes whose title or text differs in one language."""
    return [
        name for name, words in new["purposes"].items() if old["purposes"].get(name, words) != words
    ]


def _purposes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    known = {purpose["id"]: purpose["columns"] for purpose in old["purposes"]}
    for purpose in new["purposes"]:
        if purpose["id"] not in known:
            yield Change("purpose", purpose["id"])
        before = known.get(purpose["id"], ())
        yield from (
            Change("field", column) for column in purpose["columns"] if column not in before
        )


def _facts(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    if new["retention_months"] > old["retention_months"]:
        yield Change("retention", str(new["retention_months"]))
    recipients = (name for name in new["recipients"] if name not in old["recipients"])
    yield from (Change("recipient", name) for name in recipients)
    if new["controller"]["name"] != old["controller"]["name"]:
        yield Change("controller", new["controller"]["name"])
    if IP_MODES.index(new["ip_mode"]) < IP_MODES.index(old["ip_mode"]):
        yield Change("address")


def change_sentences(changes: list[Change], texts: Texts, language: str) -> list[str]:
    """Return what changes in sentences, in a language and in the words of the newer policy.

    Columns are named in one sentence, as a release may bring many at once.
    """
    titles = dict.fromkeys(
        texts["fields"][one.item]["title"] for one in changes if one.kind == "field"
    )
    fields = [Change("field", listed(list(titles), language))] if titles else []
    purposes = [one for one in changes if one.kind == "purpose"]
    facts = [one for one in changes if one.kind not in ("purpose", "field")]
    return [_sentence(one, texts, language) for one in (*purposes, *fields, *facts)]


def _sentence(change: Change, texts: Texts, language: str) -> str:
    item = change.item
    if change.kind == "purpose":
        item = texts["purposes"][item]["title"] or item
    elif change.kind == "retention":
        item = duration(int(item), "month", language)
    sentence: str = texts["banner"][f"change_{change.kind}"]
    return sentence.replace("{item}", item)
