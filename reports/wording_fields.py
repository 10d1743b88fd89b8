"""How the words of a wording are laid out on the form: which come first, and what each is for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.editing import Draft, Problem

LABELS = {
    "title": "Question",
    "intro": "What is asked; {name} is the name above",
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
FIRST = tuple(LABELS)
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


@dataclass(frozen=True)
class ProblemRow:
    """Why the draft cannot be published: the field's name and label, and where it stands."""

    field: str
    label: str
    sentence: str
    language: str


def rows_of(problems: Sequence[Problem], languages: Mapping[str, str]) -> tuple[ProblemRow, ...]:
    """Give the problems with the labels that their fields have on the form."""
    return tuple(
        ProblemRow(one.field, _label(one, languages), one.sentence, one.language)
        for one in problems
    )


def _label(problem: Problem, languages: Mapping[str, str]) -> str:
    section, _, rest = problem.field.partition(".")
    known = LABELS.get(rest, "") if section == "banner" else FACTS.get(problem.field, "")
    label = known or f"{section} {rest}".replace("_", " ").replace(".", " ").strip().capitalize()
    return f"{languages[problem.language]}: {label}" if problem.language else label


@dataclass(frozen=True)
class WordField:
    """One text: its name in the form, its label, its words, and whether they are long."""

    name: str
    label: str
    words: str
    long: bool


@dataclass(frozen=True)
class WordSection:
    """Texts that stand together; those seldom changed are folded away."""

    heading: str
    fields: tuple[WordField, ...]
    folded: bool


@dataclass(frozen=True)
class PurposeFields:
    """One purpose: its id, the texts of it in the language."""

    id: str
    title: WordField
    text: WordField


def sections_of(words: Mapping[str, str]) -> tuple[WordSection, ...]:
    """Give the banner's texts: what is always seen first, the rest folded."""
    banner = {
        name.partition(".")[2]: text for name, text in words.items() if name.startswith("banner.")
    }
    rest = [key for key in banner if key not in FIRST]
    return (
        WordSection("The question", tuple(_field(key, banner[key]) for key in FIRST), False),
        WordSection("Smaller texts", tuple(_field(key, banner[key]) for key in rest), True),
    )


def _field(key: str, words: str) -> WordField:
    label = LABELS.get(key) or key.replace("_", " ").capitalize()
    return WordField(f"banner.{key}", label, words, len(words) > 60)


def words_of(words: Mapping[str, str], draft: Draft) -> tuple[PurposeFields, ...]:
    """Give the purposes with their texts."""
    return tuple(
        PurposeFields(
            purpose["id"],
            _purpose_field(words, purpose["id"], "title", "Title"),
            _purpose_field(words, purpose["id"], "text", "What it is for"),
        )
        for purpose in draft["purposes"]
    )


def _purpose_field(words: Mapping[str, str], name: str, part: str, label: str) -> WordField:
    field = f"purposes.{name}.{part}"
    return WordField(field, label, words.get(field, ""), part == "text")
