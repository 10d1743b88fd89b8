"""The menus of right values: each choice has a name in the language of the page, in its order."""

import pytest

from askfirst.rules.corrections import VALUES
from consent.my_data.corrected import correctables
from consent.policy.languages import languages, shipped_texts
from consent.policy.my_data_words import words_in

SAID = dict.fromkeys((name for names in VALUES.values() for name in names), "") | {
    "country": "DE",
    "city": "Ulm",
    "device": "phone",
    "os": "Android",
    "browser": "Firefox",
}


@pytest.mark.parametrize("tag", languages())
def test_each_choice_has_a_name_and_a_person_finds_every_kind(tag: str):
    found = correctables(
        ["country", "device", "language", "source"],
        [SAID],
        shipped_texts(tag)["fields"],
        words_in(tag),
        tag,
    )

    assert {one.kind: len(one.choices) > 5 for one in found.values()} == {
        "country": True,
        "device": True,
        "language": True,
        "source": False,
    }
    titles = {name: words["title"] for name, words in shipped_texts(tag)["fields"].items()}
    assert titles["city"] in found["country"].also
    assert titles["region"] not in found["country"].also
    assert all(titles[name] in found["device"].also for name in ("os", "browser"))
    assert found["language"].also == found["source"].also == ""
    for one in found.values():
        assert all(choice.name != choice.value for choice in one.choices)
        assert len({choice.name for choice in one.choices}) == len(one.choices)


def test_accents_do_not_send_a_country_to_the_end_of_the_menu():
    german = correctables(["country"], [SAID], {}, words_in("de"), "de")["country"].choices
    names = [one.name for one in german]

    assert names[:3] == ["Afghanistan", "Ägypten", "Ålandinseln"]
    assert names.index("Ålandinseln") < names.index("Zypern")


@pytest.mark.parametrize(
    ("tag", "order"),
    [
        ("sv", ["Zimbabwe", "Åland", "Österrike"]),
        ("da", ["Zimbabwe", "Ækvatorialguinea", "Østrig"]),
        ("cs", ["Gruzie", "Honduras", "Chile", "Indie"]),
        ("pl", ["Luksemburg", "Łotwa", "Macedonia Północna"]),
        ("uk", ["Зімбабве", "Ізраїль", "Йорданія", "Канада"]),
        ("es", ["Nueva Zelanda", "Omán"]),
        ("fr", ["Égypte", "Estonie", "Grèce"]),
    ],
)
def test_countries_stand_in_the_order_of_the_languages_alphabet(tag: str, order: list[str]):
    found = correctables(["country"], [SAID], {}, words_in(tag), tag)["country"].choices
    names = [one.name for one in found]

    assert [name for name in names if name in order] == order
