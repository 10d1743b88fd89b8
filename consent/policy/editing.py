"""How an owner edits a wording: as a draft to check, review, preview and publish."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import delete, insert, select

from askfirst.clock import Clock
from askfirst.columns import COLUMNS, PURPOSE
from askfirst.errors import Malformed
from askfirst.settings import Settings
from askfirst.sites import Site
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.sites.policies import Policy, content_hash
from askfirst.store.ledger.tables import drafts
from consent.policy.changes import change_sentences, material_changes, reworded
from consent.policy.checks.colours import DEFAULTS, contrasts
from consent.policy.checks.draft import MANAGERS, PURPOSES_MOST, Problem, check
from consent.policy.differences import Part, differences
from consent.policy.drafts import (
    OFFERED,
    Draft,
    content_of,
    draft_of,
    placed,
    repaired,
    untold_columns,
    words_of,
)
from consent.policy.languages import FALLBACK, languages, shipped_texts
from consent.policy.wording import first_layer, language_of, shown_of

Meaning = Literal["same", "other", "not said"]
"""What an owner says of the new words of a purpose."""


@dataclass(frozen=True)
class WordingOptions:
    """What an owner chooses from: languages by tag, managers, columns by title, colours.

    `offered` has `title` and `text` of each purpose that ships beside the statistics, by its id.
    """

    languages: dict[str, str]
    managers: tuple[str, ...]
    columns: dict[str, str]
    offered: dict[str, dict[str, str]]
    colours: dict[str, str]
    purposes_most: int


@dataclass(frozen=True)
class LanguageReview:
    """What a draft changes in one language; `kind` is `changed`, `added` or `removed`."""

    tag: str
    name: str
    kind: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Review:
    """What publishing a draft would change; `material` says why everybody is asked again.

    `reworded` names each purpose with other words, such as `English: Visit statistics`. The owner
    says whether they mean the same, unless everybody is asked again anyway. `fingerprint`
    identifies what was reviewed; `publish` takes nothing else.
    """

    version: int
    next_version: int
    languages: tuple[LanguageReview, ...]
    material: tuple[str, ...]
    reworded: tuple[str, ...]
    fingerprint: str
    differs: bool


class Editing:
    """Edits the one draft of each site, which the ledger keeps; published versions never change.

    A lock holds while a draft is read and written, or published and deleted, so that nothing that
    is saved in between is lost.
    """

    def __init__(self, ledger: Ledger, book: SiteBook, settings: Settings, clock: Clock) -> None:
        self._ledger = ledger
        self._book = book
        self._settings = settings
        self._clock = clock
        self._changing = asyncio.Lock()

    def options(self) -> WordingOptions:
        """Return what can be chosen."""
        return WordingOptions(
            languages=languages(),
            managers=MANAGERS,
            columns={
                one.name: one.title
                for one in COLUMNS
                if one.purpose == PURPOSE and not one.is_fixed
            },
            offered={name: shipped_texts(FALLBACK)["purposes"][name] for name in OFFERED},
            colours=dict(DEFAULTS),
            purposes_most=PURPOSES_MOST,
        )

    async def draft(self, site: Site) -> Draft:
        """Return the draft of a site, or one made of the version in force where there is none."""
        chosen = select(drafts.c.content).where(drafts.c.site_id == site.id)
        async with self._ledger.read() as connection:
            kept = (await connection.execute(chosen)).scalar_one_or_none()
        content = self._book.policy(site).content
        return draft_of(content) if kept is None else repaired(kept, content)

    def is_changed(self, site: Site, draft: Draft) -> bool:
        """Return whether a draft is another wording than the one in force."""
        return draft != draft_of(self._book.policy(site).content)

    async def change(self, site: Site, how: Callable[[Draft], Draft]) -> Draft:
        """Store what `how` makes of the draft, valid or not, and return it."""
        async with self._changing:
            draft = how(await self.draft(site))
            row = {"site_id": site.id, "content": draft, "changed_at": self._clock()}
            async with self._ledger.write() as connection:
                await connection.execute(delete(drafts).where(drafts.c.site_id == site.id))
                await connection.execute(insert(drafts).values(row))
            return draft

    async def drop(self, site: Site) -> None:
        """Delete a draft."""
        async with self._changing:
            await self._delete(site)

    async def _delete(self, site: Site) -> None:
        async with self._ledger.write() as connection:
            await connection.execute(delete(drafts).where(drafts.c.site_id == site.id))

    def placed(self, added: list[dict[str, Any]]) -> list[Mapping[str, Any]]:
        """Return all purposes: the statistics, with the columns no other has, then the added."""
        return placed(added)

    def untold(self, site: Site) -> tuple[str, ...]:
        """Return the titles of columns that a site's policy does not tell of yet."""
        names = untold_columns(self._book.policy(site).content)
        return tuple(one.title for one in COLUMNS if one.name in names)

    def words(self, draft: Draft, tag: str) -> dict[str, str]:
        """Return the words of a language that an owner may change, e.g. `{"banner.title": "…"}`."""
        return _flat(words_of(draft, tag))

    def shipped_words(self, draft: Draft, tag: str) -> dict[str, str]:
        """Return the same words as they are shipped."""
        return _flat(words_of({**draft, "own": {}}, tag))

    async def check(self, draft: Draft) -> list[Problem]:
        """Return every reason why a draft cannot be published."""
        return await asyncio.to_thread(check, draft, self._settings)

    def contrasts(self, draft: Draft) -> list[tuple[str, str, float, float]]:
        """Return the contrasts of a draft's colours: front, back, contrast, least contrast."""
        return contrasts(draft["theme"])

    async def shown(self, site: Site, draft: Draft, tag: str, layer: str = "") -> dict[str, Any]:
        """Return the wording that a draft would show, or its `first` layer, with no changes."""
        policy = self._policy(site, draft)
        tag = language_of(policy, tag)
        shown = shown_of(policy, site, tag, policy.content["texts"][tag])
        return {**(first_layer(shown) if layer == "first" else shown), "changes": []}

    async def review(self, site: Site, draft: Draft) -> Review:
        """Return what a draft changes in the version in force."""
        now, new = self._book.policy(site), self._policy(site, draft)
        changes = material_changes(now.content, new.content)
        found = [
            one
            for tag in languages()
            if (one := await self._language(site, now, new, tag)) is not None
        ]
        return Review(
            version=now.version,
            next_version=now.version + 1,
            languages=tuple(found),
            material=tuple(change_sentences(changes, words_of(draft, FALLBACK), FALLBACK)),
            reworded=tuple(await self._reworded(now, new)),
            fingerprint=_fingerprint(now, draft),
            differs=draft != draft_of(now.content)
            or bool(found)
            or _promised(now) != _promised(new),
        )

    async def _language(
        self, site: Site, now: Policy, new: Policy, tag: str
    ) -> LanguageReview | None:
        before, after = tag in now.content["texts"], tag in new.content["texts"]
        name = languages()[tag]
        if before and after:
            old = shown_of(now, site, tag, await self._book.texts(now, tag))
            parts = differences(old, shown_of(new, site, tag, new.content["texts"][tag]))
            return LanguageReview(tag, name, "changed", tuple(parts)) if parts else None
        if before or after:
            return LanguageReview(tag, name, "added" if after else "removed")
        return None

    async def _reworded(self, now: Policy, new: Policy) -> list[str]:
        found = []
        for tag in [one for one in now.content["texts"] if one in new.content["texts"]]:
            words = new.content["texts"][tag]
            names = reworded(await self._book.texts(now, tag), words)
            found += [f"{languages()[tag]}: {words['purposes'][name]['title']}" for name in names]
        return found

    async def publish(self, site: Site, fingerprint: str, *, meaning: Meaning) -> Policy:
        """Publish the draft that was reviewed, as the next version; a material change asks again.

        `meaning` is what the owner says of the new words: `same`, `other`, which asks everybody
        again, or `not said`. Raises `Malformed` where the draft cannot be published or is not the
        one that was reviewed, or where it rewords a purpose and the owner did not say whether it
        means the same (field `meaning`).
        """
        async with self._changing:
            draft = await self.draft(site)
            if _fingerprint(self._book.policy(site), draft) != fingerprint:
                raise Malformed("The draft was changed meanwhile: review it again.", field="draft")
            if problems := await self.check(draft):
                raise Malformed(problems[0].sentence, field=problems[0].field)
            asks = await self._asks(site, draft, meaning)
            policy = await self._book.publish(site, content_of(draft), asks_again=asks)
            await self._delete(site)
            return policy

    async def _asks(self, site: Site, draft: Draft, meaning: Meaning) -> bool:
        now, new = self._book.policy(site), self._policy(site, draft)
        if material_changes(now.content, new.content):
            return True
        if meaning == "not said" and await self._reworded(now, new):
            raise Malformed("Say whether the purpose means the same.", field="meaning")
        return meaning == "other"

    def _policy(self, site: Site, draft: Draft) -> Policy:
        content = content_of(draft)
        now = self._book.policy(site)
        return Policy(
            site_id=site.id,
            version=now.version + 1,
            content=content,
            hash="",
            published_at=self._clock(),
        )


def _promised(policy: Policy) -> int | None:
    return policy.content.get("withdrawn_days")


def _fingerprint(now: Policy, draft: Draft) -> str:
    return content_hash({"follows": now.version, **content_of(draft)})


def _flat(texts: dict[str, Any]) -> dict[str, str]:
    banner = {f"banner.{key}": text for key, text in texts["banner"].items()}
    return banner | {
        f"purposes.{name}.{part}": words[part]
        for name, words in texts["purposes"].items()
        for part in ("title", "text")
    }
