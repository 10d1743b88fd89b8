"""What the server hands to the pages about wordings: an editor of drafts, and what it returns."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol

from askfirst.sites import Site
from askfirst.store.ledger.sites.policies import Policy

Meaning = Literal["same", "other", "not said"]
"""What an owner says of the new words of a purpose; `other` asks everybody again."""

Draft = dict[str, Any]
"""A policy's facts, its `languages` and the owner's `own` words by language."""


class Problem(Protocol):
    """Why a draft cannot be published: at which field, and in which language's words or ''."""

    @property
    def field(self) -> str:
        """Return the field, such as `contact` or `banner.accept`."""

    @property
    def sentence(self) -> str:
        """Return what is wrong, as a sentence."""

    @property
    def language(self) -> str:
        """Return the language, or ''."""


class WordingOptions(Protocol):
    """What an owner chooses from."""

    @property
    def languages(self) -> Mapping[str, str]:
        """Return each language's own name, by its tag."""

    @property
    def managers(self) -> Sequence[str]:
        """Return the consent managers whose yes can be taken."""

    @property
    def columns(self) -> Mapping[str, str]:
        """Return the title of each column that a purpose may record."""

    @property
    def offered(self) -> Mapping[str, Mapping[str, str]]:
        """Return `title` and `text` of each purpose that an owner adds by a tick, by its id."""

    @property
    def colours(self) -> Mapping[str, str]:
        """Return the banner's own colours."""

    @property
    def purposes_most(self) -> int:
        """Return how many purposes there may be, the statistics among them."""


class Difference(Protocol):
    """One paragraph that changes; `before` or `after` may be empty."""

    @property
    def label(self) -> str:
        """Return what the paragraph is, or ''."""

    @property
    def before(self) -> str:
        """Return what is in force."""

    @property
    def after(self) -> str:
        """Return what the draft has."""


class Part(Protocol):
    """The differences under one heading."""

    @property
    def heading(self) -> str:
        """Return the heading."""

    @property
    def differences(self) -> Sequence[Difference]:
        """Return its differences."""


class LanguageReview(Protocol):
    """What changes in one language."""

    @property
    def tag(self) -> str:
        """Return its BCP 47 tag."""

    @property
    def name(self) -> str:
        """Return its own name."""

    @property
    def kind(self) -> str:
        """Return `changed`, `added` or `removed`."""

    @property
    def parts(self) -> Sequence[Part]:
        """Return the differences, part by part."""


class Review(Protocol):
    """What publishing a draft would change."""

    @property
    def version(self) -> int:
        """Return the version in force."""

    @property
    def next_version(self) -> int:
        """Return the version that it would be."""

    @property
    def languages(self) -> Sequence[LanguageReview]:
        """Return what changes, language by language."""

    @property
    def material(self) -> Sequence[str]:
        """Return why everybody is asked again; empty where nobody needs to be."""

    @property
    def reworded(self) -> Sequence[str]:
        """Return each purpose that has other words, by language."""

    @property
    def fingerprint(self) -> str:
        """Return the checksum of what was reviewed."""

    @property
    def differs(self) -> bool:
        """Return whether anything changes at all."""


class WordingEditor(Protocol):
    """One draft a site; a published version is never changed."""

    def options(self) -> WordingOptions:
        """Return what can be chosen."""

    async def draft(self, site: Site) -> Draft:
        """Return the draft of a site."""

    def is_changed(self, site: Site, draft: Draft) -> bool:
        """Return whether a draft is another wording than the one in force."""

    async def change(self, site: Site, how: Callable[[Draft], Draft]) -> Draft:
        """Store what `how` makes of the draft, and return it."""

    async def drop(self, site: Site) -> None:
        """Delete a draft."""

    def placed(self, added: list[dict[str, Any]]) -> list[Mapping[str, Any]]:
        """Return all purposes from those that are added to the statistics."""

    def untold(self, site: Site) -> Sequence[str]:
        """Return the titles of facts that the published version does not tell of yet."""

    def words(self, draft: Draft, tag: str) -> dict[str, str]:
        """Return a language's words that an owner may change."""

    def shipped_words(self, draft: Draft, tag: str) -> dict[str, str]:
        """Return the same words as they come with the program."""

    def contrasts(self, draft: Draft) -> Sequence[tuple[str, str, float, float]]:
        """Return a draft's contrasts: foreground, background, ratio, required ratio."""

    async def check(self, draft: Draft) -> Sequence[Problem]:
        """Return every problem that keeps a draft from being published."""

    async def shown(self, site: Site, draft: Draft, tag: str, layer: str = "") -> dict[str, Any]:
        """Return the wording of a draft in one language, as the banner gets it."""

    async def review(self, site: Site, draft: Draft) -> Review:
        """Return what a draft changes in the version in force."""

    async def publish(self, site: Site, fingerprint: str, *, meaning: Meaning) -> Policy:
        """Publish the draft that was reviewed; raises `Malformed`.

        Where the owner has to say what the new words mean, the error's field is `meaning`.
        """
