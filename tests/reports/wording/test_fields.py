"""The wording's form leads on: to its parts, from each refusal to its field, from a colour on."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.policy.wording import default_policy
from reports.wording.form import read_draft
from tests.reports.reading import Reading
from tests.reports.wording.owner import Owner
from tests.reports.wording.test_form import DRAFT, EDITING

WRONG = {
    "banner__accept": "OK",
    "banner__changed_title": "<b>",
    "name": "<>",
    "retention_months": "x",
    "recipients": "a\n<b>",
    "theme__text": "red",
    "theme__dark_button": "#d5e1e",
    "default_language": "xx",
}
COLOUR = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


def ids(page: Reading) -> set[str]:
    return {recorded["id"] for _, recorded in page.tags if "id" in recorded}


def summary(page: Reading) -> list[str]:
    """Return where the links of the summary of errors lead."""
    inside = page.html.split("data-errors")[1].split("</ul>")[0]
    return [part.split('"')[0] for part in inside.split('href="')[1:]]


async def test_each_part_of_the_form_is_one_link_away_and_publishing_is_at_hand(
    owner: Owner,
) -> None:
    page = await owner.read()
    jump = page.html.split('class="jump"')[1].split("</nav>")[0]
    parts = [part.split('"')[0] for part in jump.split('href="#')[1:]]

    assert parts == ["words", "purposes", "facts", "colours", "languages", "versions"]
    assert set(parts) <= ids(page)
    bar = page.html.split('class="publish')[1]
    assert 'value="review" form="draft"' in bar
    assert "Nothing to mend" in bar


@pytest.mark.parametrize("path", ["", "/review"])
async def test_every_refusal_leads_to_its_field_and_is_said_there(owner: Owner, path: str) -> None:
    await owner.write(**WRONG)
    links = summary(await owner.read(path))

    assert len(links) >= len(WRONG)
    for link in links:
        parts = urlsplit(link)
        language = parse_qs(parts.query).get("language", ["en"])[0]
        page = await owner.read(f"?language={language}")
        field = parts.fragment
        told = [g for _, g in page.tags if g.get("id") == field]
        assert told, field
        [control] = told
        assert control.get("aria-invalid") == "true", field
        described = control["aria-describedby"].split()
        assert any(name.startswith(f"{field}-error") for name in described)
        assert set(described) <= ids(page)


async def test_a_refusal_in_another_language_leads_to_that_languages_form(owner: Owner) -> None:
    await owner.write("de", banner__accept="OK")
    links = summary(await owner.read())

    assert f"{owner.path}?language=de#banner.accept" in links


async def test_what_is_folded_away_is_open_where_something_in_it_is_wrong(owner: Owner) -> None:
    before = (await owner.read()).html
    await owner.write(banner__changed_title="<b>")
    after = (await owner.read()).html

    assert before.count('<details class="fold" open>') + 1 == after.count(
        '<details class="fold" open>'
    )


async def test_each_part_says_how_much_of_it_is_to_be_mended(owner: Owner) -> None:
    await owner.write(name="", contact="", theme__text="red")
    page = await owner.read()

    assert "Facts2 to mend" in page.links
    assert "Colours1 to mend" in page.links
    assert "3 to mend" in page.links


async def test_colours_are_shown_with_their_value_and_their_contrast(owner: Owner) -> None:
    await owner.write(theme__text="767676")
    page = await owner.read()
    fields = {g["name"]: g.get("value", "") for t, g in page.tags if t == "input" and "name" in g}

    assert (fields["theme.text"], fields["pick.text"]) == ("#767676", "#767676")
    assert "Text on background 4.5, button text on button 10.6" in " ".join(page.text.split())
    await owner.write(theme__text="#777777")
    assert "Text on background 4.4" in " ".join((await owner.read()).text.split())


async def test_no_number_has_a_longest_length(owner: Owner) -> None:
    page = await owner.read()
    numbers = [g for t, g in page.tags if t == "input" and g.get("type") == "number"]
    assert numbers
    assert not [g for g in numbers if "maxlength" in g]


@given(COLOUR, COLOUR, COLOUR)
def test_of_a_colour_typed_and_one_picked_the_one_that_changed_counts(
    before: str, typed: str, picked: str
) -> None:
    draft = {**DRAFT, "theme": {"text": before}}

    def kept(**form: str) -> str:
        named = {name.replace("__", "."): value for name, value in form.items()}
        read = read_draft(named | {"language.en": "on"}, draft, EDITING, "en")
        return read["theme"].get("text", EDITING.options().colours["text"])

    assert kept(theme__text=before, pick__text=before) == before
    assert kept(theme__text=typed, pick__text=before) == typed
    assert kept(theme__text=before, pick__text=picked) == picked
    assert kept(theme__text=typed[1:].upper(), pick__text=before) == typed


def test_a_colour_that_is_none_stays_as_it_was_typed_until_it_is_mended() -> None:
    draft = {**DRAFT, "theme": {"text": "red"}}
    shipped = EDITING.options().colours["text"]
    form = {"theme.text": "red", "pick.text": shipped, "language.en": "on"}

    assert read_draft(form, draft, EDITING, "en")["theme"] == {"text": "red"}
    assert default_policy("a", "b", "c", "")["theme"] == {}
