"""The menus of right values: each choice has a name in the language of the page, in its order."""

import pytest

from consent.my_data.corrected import correctables
from consent.policy.languages import languages
from consent.policy.my_data_words import words_in


@pytest.mark.parametrize("tag", languages())
def test_each_choice_has_a_name_and_a_person_finds_every_kind(tag: str):
    found = correctables(["country", "device", "language", "source"], words_in(tag), tag)

    assert {one.kind: len(one.choices) > 5 for one in found.values()} == {
        "country": True,
        "device": True,
        "language": True,
        "source": False,
    }
    for one in found.values():
        assert all(choice.name != choice.value for choice in one.choices)
        assert len({choice.name for choice in one.choices}) == len(one.choices)


def test_accents_do_not_send_a_country_to_the_end_of_the_menu():
    german = correctables(["country"], words_in("de"), "de")["country"].choices
    names = [one.name for one in german]

    assert names[:3] == ["Afghanistan", "Ägypten", "Ålandinseln"]
    assert names.index("Ålandinseln") < names.index("Zypern")
