"""What a mail to a visitor says, in the account's language: subject, sentences, link and foot."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from askfirst.rate_limits import HOUR_MS, MINUTE_MS
from askfirst.sites import Site
from consent.accounts.mailing.kinds import CONFIRM_MS, LINK_MS, NOT_YOU, ONE_TIME
from consent.dependencies import Dependencies
from consent.policy.differences import Difference
from consent.policy.my_data_words import filled, words_in
from consent.policy.wording import wording


@dataclass(frozen=True)
class Section:
    """Lines under a heading: `changes` are what changed; what was before or is now may be ''."""

    heading: str
    lines: tuple[str, ...] = ()
    changes: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Letter:
    """A mail's words: no address of the recipient, nothing that loads or reports anything."""

    subject: str
    sentences: tuple[str, ...]
    link: str
    """The address that the mail is about, or ''."""
    link_label: str
    after: tuple[str, ...]
    """Sentences below the link."""
    foot: str
    stop: str
    """The address that turns such mails off, or ''."""
    words: Mapping[str, str]
    language: str
    direction: str
    sections: tuple[Section, ...] = ()

    @property
    def text(self) -> str:
        """The letter as plain text."""
        lines = list(_apart(self.sentences))
        for one in self.sections:
            lines += [one.heading, *(f"- {line}" for line in one.lines)]
            for change in one.changes:
                lines += _change(self.words, change)
            lines.append("")
        if self.link:
            lines += [f"{self.link_label}:", self.link, ""]
        lines += [*_apart(self.after), "-- ", self.foot]
        if self.stop:
            lines += ["", f"{self.words['mail_stop']}:", self.stop]
        return "\n".join([*lines, ""])


def _apart(sentences: tuple[str, ...]) -> list[str]:
    return [line for one in sentences for line in (one, "")]


def _change(words: Mapping[str, str], one: Difference) -> list[str]:
    named = ((words["mail_policy_before"], one.before), (words["mail_policy_after"], one.after))
    told = (f"{name}: {text}" for name, text in named if text)
    return ["", *([one.label] if one.label else []), *told]


def _hint(words: Mapping[str, str], what: str) -> str:
    """Return how long the link of a mail works; the words are inflected for these two times."""
    if what == "confirm":
        return words["mail_link_hours"].replace("{number}", str(CONFIRM_MS // HOUR_MS))
    return words["mail_link_minutes"].replace("{number}", str(LINK_MS // MINUTE_MS))


class Letters:
    """Writes letters in a site's name."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    async def words(self, site: Site, tag: str) -> tuple[Mapping[str, str], dict[str, Any]]:
        """Return the words of mails in a language that the site has, and its wording."""
        book = self._deps.book
        shown = await wording(book, book.policy(site), site, tag)
        facts = {"name": shown["name"], "contact": shown["controller"]["contact"]}
        return filled(words_in(shown["language"]), **facts), shown

    async def plain(self, site: Site, what: str, facts: Mapping[str, str]) -> Letter:
        """Return a letter of any kind but that about a policy."""
        words, shown = await self.words(site, facts.get("language", ""))
        tag, link = shown["language"], facts.get("link", "")
        hint = _hint(words, what)
        return Letter(
            subject=words[f"mail_{what}_subject"],
            sentences=(words[f"mail_{what}_text"], *((hint,) if what in ONE_TIME else ())),
            link=link,
            link_label=words["mail_link_label"],
            after=(words["mail_not_you"],) if what in NOT_YOU else (),
            foot=words["mail_foot"],
            stop="",
            words=words,
            language=tag,
            direction=shown["direction"],
        )
