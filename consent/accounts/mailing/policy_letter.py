"""The letter that says what has changed in a privacy policy."""

from collections.abc import Mapping
from dataclasses import replace

from askfirst.errors import NotFound
from askfirst.sites import Site
from askfirst.store.ledger.accounts.messages import POLICY, stop_token
from consent.accounts.mailing.letters import Letter, Letters, Section
from consent.dependencies import Dependencies
from consent.policy.changes import change_sentences, material_changes
from consent.policy.differences import Part, differences
from consent.policy.languages import long_date
from consent.policy.wording import wording

MOST = 20
"""Changed paragraphs that a mail shows; the page has all of them."""
_LONGEST = 600


class PolicyLetters:
    """Writes what changed between two versions, in the language that both have."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._letters = Letters(deps)

    async def letter(self, site: Site, account_id: str, facts: Mapping[str, str]) -> Letter:
        """Return the letter to an account; raises `NotFound` where a version is none."""
        book = self._deps.book
        old, new = [await book.version(site, _number(facts, name)) for name in ("older", "newer")]
        words, after = await self._letters.words(site, facts.get("language", ""))
        tag = after["language"]
        before, after = [await wording(book, one, site, tag) for one in (old, new)]
        texts = await book.texts(new, after["language"])
        material = change_sentences(
            material_changes(old.content, new.content), texts, after["language"]
        )
        base = self._deps.settings.public_url
        versions = f"from={old.version}&to={new.version}"
        letter = await self._letters.plain(site, POLICY, facts)
        day = long_date(new.published_at, tag)
        stop = stop_token(self._deps.sealing, account_id, POLICY)
        parts = differences(before, after) if before["language"] == after["language"] else []
        return replace(
            letter,
            sentences=(words["mail_policy_text"].replace("{day}", day),),
            sections=_sections(words, material, parts),
            link=f"{base}/policy/{site.key}/compare?{versions}&lang={tag}",
            link_label=words["mail_policy_compare"],
            after=(words["mail_policy_more"],) if _is_cut(parts) else (),
            stop=f"{base}/account/{site.key}/messages/{stop}",
        )


def _number(facts: Mapping[str, str], name: str) -> int:
    text = facts.get(name, "")
    if not text.isdecimal():
        raise NotFound("There is no such version.")
    return int(text)


def _sections(
    words: Mapping[str, str], material: list[str], parts: list[Part]
) -> tuple[Section, ...]:
    first = (Section(words["mail_policy_new"], tuple(material)),) if material else ()
    room, found = MOST, []
    for part in parts:
        shown = part.differences[:room]
        room -= len(shown)
        if shown:
            changes = tuple(
                replace(one, before=_cut(one.before), after=_cut(one.after)) for one in shown
            )
            found.append(Section(part.heading, (), changes))
    return (*first, *found)


def _is_cut(parts: list[Part]) -> bool:
    changed = [one for part in parts for one in part.differences]
    long = any(len(text) > _LONGEST for one in changed for text in (one.before, one.after))
    return long or len(changed) > MOST


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
