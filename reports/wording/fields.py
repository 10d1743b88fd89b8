"""What stands on the form of a wording: its sections, labels, words, colours and problems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from askfirst.sites import Site
from reports.authentication.sessions import Session
from reports.formatting.readers import decimal
from reports.shell import Shell
from reports.wording.form import picked_colour
from reports.wording_editor import Draft, Problem, WordingEditor

_ONE_LINE = 60  # letters that a field of one line shows
_PAIRS = 3  # of each mode: text, the button's text, and links
LABELS = {  # of the banner, what is seen first
    "title": "Question",
    "intro": "What is asked; {name} is the name of the website",
    "accept": "Button that accepts",
    "refuse": "Button that refuses",
    "accept_all": "Button that accepts, with several purposes",
    "refuse_all": "Button that refuses, with several purposes",
    "accept_once": "Button that accepts for this visit",
    "preferences": "Button to the details",
    "policy": "Link to the policy",
    "control": "The permanent button",
    "withdraw": "Button that withdraws",
    "thanks": "Said after accepting",
    "refused": "Said after refusing; {days} is the time",
    "failed": "Said when the choice could not be saved",
}
FACTS = {
    "controller": "Who is responsible",
    "contact": "How to reach them",
    "address": "Their postal address",
    "privacy_url": "Your general privacy page",
    "authority": "Data protection authority",
    "retention_months": "Months that recorded visits are kept",
    "choice_days": "Days that a yes is remembered",
    "refusal_days": "Days that a no is remembered",
    "ip_mode": "IP addresses",
    "name": "Name of the website",
}


SECTIONS = {
    "words": "Words",
    "purposes": "Purposes",
    "facts": "Facts",
    "colours": "Colours",
    "languages": "Languages",
    "versions": "Versions",
}
"""The sections of the form, by the anchor that each has."""
_SECTION_OF = {
    "banner": "words",
    "purposes": "purposes",
    "purpose": "purposes",
    "column": "purposes",
    "theme": "colours",
    "languages": "languages",
    "default_language": "languages",
}
_MODES = {"light": "", "dark": "dark_"}


@dataclass(frozen=True)
class ProblemRow:
    """Why the draft cannot be published: the field, its label, and the language or ''."""

    field: str
    label: str
    sentence: str
    language: str

    @property
    def section(self) -> str:
        """The anchor of the form's section that holds the field."""
        return _SECTION_OF.get(self.field.partition(".")[0], "facts")


@dataclass(frozen=True)
class Swatch:
    """A colour of the banner: name, label, the set value, and what the colour picker shows."""

    name: str
    label: str
    value: str
    picked: str


@dataclass(frozen=True)
class Colours:
    """The colours for light or for dark screens, and a sentence about their contrasts."""

    mode: str
    swatches: tuple[Swatch, ...]
    contrast: str
    is_good: bool


def colours_of(editor: WordingEditor, draft: Draft) -> tuple[Colours, ...]:
    """Return the colours of a draft for light screens, then for dark ones."""
    shipped = editor.options().colours
    return tuple(_colours(mode, editor, draft, shipped) for mode in _MODES)


def _colours(mode: str, editor: WordingEditor, draft: Draft, shipped: Mapping[str, str]) -> Colours:
    names = [name for name in shipped if name.startswith("dark_") == (mode == "dark")]
    found = [one for one in editor.contrasts(draft) if one[0] in names]
    return Colours(
        mode=mode,
        swatches=tuple(_swatch(name, _MODES[mode], draft, shipped[name]) for name in names),
        contrast=_said(found, _MODES[mode]),
        is_good=len(found) == _PAIRS and all(one[2] >= one[3] for one in found),
    )


def _swatch(name: str, prefix: str, draft: Draft, shipped: str) -> Swatch:
    value = draft["theme"].get(name, shipped)
    label = name.removeprefix(prefix).replace("_", " ").capitalize()
    return Swatch(name, label, value, picked_colour(value, shipped))


def _said(found: Sequence[tuple[str, str, float, float]], prefix: str) -> str:
    """Return the contrasts as a sentence, rounded down: "Text on background 15.1 to 1, ..."."""
    each = [
        f"{front.removeprefix(prefix)} on {back.removeprefix(prefix)} {_rounded(ratio)}"
        for front, back, ratio, _ in found
    ]
    if not each:
        return "The contrast is told once these are colours."
    words = ", ".join(each).replace("_", " ").capitalize()
    return f"{words} to 1. At least {_rounded(found[0][3])} is needed."


def _rounded(ratio: float) -> str:
    return decimal(int(ratio * 10) / 10, 1)


async def problem_rows(editor: WordingEditor, draft: Draft) -> tuple[ProblemRow, ...]:
    """Check a draft; return its problems with the labels that their fields have on the form."""
    languages = editor.options().languages
    return tuple(
        ProblemRow(one.field, _label(one, languages), one.sentence, one.language)
        for one in await editor.check(draft)
    )


def _label(problem: Problem, languages: Mapping[str, str]) -> str:
    section, _, rest = problem.field.partition(".")
    known = LABELS.get(rest, "") if section == "banner" else FACTS.get(problem.field, "")
    label = known or f"{section} {rest}".replace("_", " ").replace(".", " ").strip().capitalize()
    return f"{languages[problem.language]}: {label}" if problem.language else label


@dataclass(frozen=True)
class WordField:
    """One text: its name in the form, its label, its words, and whether it needs several lines."""

    name: str
    label: str
    words: str
    is_long: bool


@dataclass(frozen=True)
class WordSection:
    """A group of texts; those that are seldom changed are folded."""

    heading: str
    fields: tuple[WordField, ...]
    folded: bool


@dataclass(frozen=True)
class PurposeFields:
    """One purpose: its id, and its texts in the language."""

    id: str
    title: WordField
    text: WordField


def sections_of(words: Mapping[str, str]) -> tuple[WordSection, ...]:
    """Return the banner's texts: what is seen first, then the rest, folded."""
    keys = [name.partition(".")[2] for name in words if name.startswith("banner.")]
    rest = [key for key in keys if key not in LABELS]
    return (
        WordSection("The question", tuple(_banner_field(words, key) for key in LABELS), False),
        WordSection("Smaller texts", tuple(_banner_field(words, key) for key in rest), True),
    )


def _banner_field(words: Mapping[str, str], key: str) -> WordField:
    name = f"banner.{key}"
    label = LABELS.get(key) or key.replace("_", " ").capitalize()
    return WordField(name, label, words[name], is_long=len(words[name]) > _ONE_LINE)


def purposes_of(words: Mapping[str, str], draft: Draft) -> tuple[PurposeFields, ...]:
    """Return the purposes with their texts."""
    return tuple(
        PurposeFields(
            one["id"],
            title=_purpose_field(words, f"purposes.{one['id']}.title", "Title"),
            text=_purpose_field(words, f"purposes.{one['id']}.text", "What it is for", True),
        )
        for one in draft["purposes"]
    )


def _purpose_field(
    words: Mapping[str, str], name: str, label: str, is_long: bool = False
) -> WordField:
    return WordField(name, label, words.get(name, ""), is_long)


def shell_of(title: str, session: Session, site: Site, within: bool = False) -> Shell:
    """Build the frame of a page about a site's wording."""
    return Shell(title, session.email, session.csrf, site.key, site.name, "wording", within=within)


def shown_language(wanted: str, draft: Draft) -> str:
    """Return the wanted language where it is turned on, else the default or the first."""
    tags = draft["languages"] or ["en"]
    default = draft["default_language"]
    return wanted if wanted in tags else default if default in tags else tags[0]
