"""What cannot be seen, stands out, misleads or shames is refused; ordinary writing is not."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askfirst.settings import Settings
from consent.policy.checks.draft import check
from consent.policy.checks.visible_text import has_hidden, has_letter, has_letter_or_digit, is_blank
from consent.policy.checks.words import check_words
from consent.policy.drafts import draft_of
from consent.policy.languages import languages, texts_of
from consent.policy.wording import default_policy

SHIPPED = draft_of(default_policy("Example", "Example Ltd", "p@example.org", ""))
BLANKS = "\u00ad\u200b\u200c\u200d\u2060\u3164\u115f\u1160\uffa0\u2800\u034f\ufe0f\U000e0100"
WRITTEN = st.characters(categories=("Lu", "Ll", "Lt", "Lo")).filter(lambda one: not is_blank(one))


def said(tag: str = "en", **changes: str) -> dict[str, str]:
    """Return what is complained of, all sentences of a field together."""
    texts = texts_of(tag)
    texts["banner"] |= changes
    found: dict[str, str] = {}
    for field, sentence in check_words(texts, tag):
        found[field] = f"{found.get(field, '')} {sentence}"
    return found


def fields(**changes: object) -> list[str]:
    return [one.field for one in check({**SHIPPED, "languages": ["en"], **changes}, Settings())]


@pytest.mark.parametrize("char", BLANKS)
def test_requirement_9_a_label_that_cannot_be_seen_is_refused(char: str) -> None:
    assert "no letter that can be seen" in said(refuse=char * 17)["banner.refuse"]


@given(st.text(BLANKS + " \u00a0\u202f", max_size=30))
@settings(max_examples=60)
def test_requirement_9_nothing_made_of_blanks_is_a_text_or_a_name(text: str) -> None:
    assert not has_letter(text)
    assert not has_letter_or_digit(text)


@given(WRITTEN, st.sampled_from("\u200c\u200d\u00ad"), WRITTEN)
@settings(max_examples=60)
def test_a_joiner_inside_a_word_is_written_and_at_its_edge_is_hidden(
    one: str, joiner: str, other: str
) -> None:
    assert not has_hidden(f"{one}{joiner}{other}")
    assert has_hidden(f"{one}{joiner}{joiner}{other}")
    assert has_hidden(f"{joiner}{one}")
    assert has_hidden(f"{one}{joiner} {other}")


@pytest.mark.parametrize(
    "name",
    ["نمی\u200cشود", "Co\u00adoperative", "L'Étoile\u202f!", "שלום\u200f (a)", "葛\U000e0100城"],
)
def test_names_of_every_writing_are_taken(name: str) -> None:
    controller = {"name": name, "address": name, "contact": name}
    assert fields(controller=controller, recipients=[name], name=name) == []


@pytest.mark.parametrize(
    "blank", ["\u200d", "\u3164", "\u115f", "\u1160", "\uffa0", "\u2800", "--"]
)
def test_requirement_13_a_name_of_nothing_names_nobody(blank: str) -> None:
    controller = {"name": blank, "address": "", "contact": blank}
    found = fields(controller=controller, recipients=[blank], name=blank)
    assert {"controller", "contact", "recipients", "name"} <= set(found)


def test_a_telephone_number_is_a_contact() -> None:
    assert fields(controller={"name": "A", "address": "", "contact": "+49 30 123"}) == []


@pytest.mark.parametrize("mark", ["\u0336", "\u0338", "\u20e0", "\u0332", "\u0488"])
def test_requirement_14_no_label_or_name_is_struck_through(mark: str) -> None:
    struck = "".join(letter + mark for letter in "Refuse statistics")
    assert "strike letters" in said(refuse=struck)["banner.refuse"]
    assert fields(recipients=[struck]) == ["recipients"]


@pytest.mark.parametrize("first", [0x1D400, 0x1D5D4, 0xFF21])
def test_requirement_14_no_label_is_set_in_styled_letters(first: int) -> None:
    styled = "".join(chr(first + ord(char) - 65) if char != " " else char for char in "ACCEPT ALL")
    assert "plain letters" in said(accept=styled)["banner.accept"]
    circled = styled.translate({first + n: 0x24B6 + n for n in range(26)})
    assert "banner.accept" in said(accept=circled)
    assert "banner.accept" in said(accept="ᴀᴄᴄᴇᴘᴛ statistics")


def test_requirement_14_accents_are_not_piled_on_a_label() -> None:
    assert "Accents" in said(accept="A\u0300\u0301\u0302ccept statistics")["banner.accept"]
    decomposed = unicodedata.normalize("NFD", texts_of("fr")["banner"]["refuse"])
    assert said("fr", refuse=decomposed) == {}


def test_requirement_14_capitals_on_one_label_only_are_refused() -> None:
    assert "Capitals" in said(accept="ACCEPT STATISTICS")["banner.accept"]
    assert "Capitals" in said(accept="Accept STATISTICS")["banner.accept"]
    assert "Capitals" in said("de", refuse="STATISTIK ABLEHNEN")["banner.refuse"]
    assert said(accept="ACCEPT STATISTICS", refuse="REFUSE STATISTICS") == {}


@pytest.mark.parametrize("tag", languages())
def test_requirement_10_the_answers_cannot_be_swapped_in_any_language(tag: str) -> None:
    banner = texts_of(tag)["banner"]
    for accept, refuse in (("accept", "refuse"), ("accept_all", "refuse_all")):
        swapped = {accept: banner[refuse], refuse: banner[accept]}
        found = said(tag, **swapped)
        assert "opposite" in found[f"banner.{accept}"]
        assert "opposite" in found[f"banner.{refuse}"]
        longer = {accept: f"{banner[refuse]} 1", refuse: f"{banner[accept]} 1"}
        assert "opposite" in said(tag, **longer)[f"banner.{accept}"]


def test_requirement_10_a_refusal_may_say_that_nothing_is_accepted() -> None:
    assert said(accept="Accept statistics", refuse="Do not accept them") == {}
    assert "opposite" in said(accept="Please refuse that")["banner.accept"]
    assert "opposite" in said(accept_once="Refuse it all for once")["banner.accept_once"]


@pytest.mark.parametrize(
    ("tag", "label"),
    [
        ("en", "No, I like bad sites"),
        ("en", "I don\u2019t want good"),
        ("de", "Ich mag schlechte Seiten"),
        ("fr", "J\u2019aime les mauvais sites"),
        ("ja", "悪いサイトが好きです"),
    ],
)
def test_requirement_14_a_refusal_that_shames_is_refused(tag: str, label: str) -> None:
    assert "shames" in said(tag, refuse=label)["banner.refuse"]


def test_requirement_10_an_invisible_character_hides_no_vague_label() -> None:
    assert "does not say" in said(accept="Got\u00ad it, statistics")["banner.accept"]
    assert "does not say" in said(accept="G\u200dot it, statistics")["banner.accept"]


def test_requirement_9_invisible_characters_make_no_label_longer() -> None:
    padded = "\u00ad".join("Refuse")
    assert "length" in said(refuse=padded)["banner.refuse"]


@pytest.mark.parametrize("char", " \u00a0\u3000aé一\u0301\u0903\u2028")
def test_a_character_that_is_drawn_or_takes_room_is_not_blank(char: str) -> None:
    assert not is_blank(char)
