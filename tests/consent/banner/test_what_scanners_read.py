"""What a scanner of banners looks for in the first layer: its words, and answers it can name.

The patterns are those of gdpr-cookie-scanner 3.8 (MIT licence, https://github.com/Slashgear/
gdpr-cookie-scanner), which brings a browser driver of its own and is not installed here. Of what a
text must say it has English and French words only; of labels those of eight languages. They are a
floor: what people have to be told stands in docs/consent.md.
"""

import re

import pytest

from askfirst.sites import Site
from askfirst.store.ledger.sites.policies import Policy
from consent.policy.languages import texts_of
from consent.policy.wording import default_policy, first_layer, shown_of

SAID = {
    "purposes": r"finalit[eé]|purpose|objectif|utilisation",
    "third parties": r"partenaire|tiers|third.part|sous.traitant|vendor",
    "duration": r"dur[eé]e|expir|conservation|validit[eé]|period|month|year|mois|an(s)?",
    "withdrawal": r"retrait|retirer|withdraw|revok|modif|changer|chang",
}
REFUSES = {
    "en": r"\b(refuse|reject|deny|decline)\b",
    "fr": r"\b(refus|refuser|rejeter)\b",
    "de": r"\b(ablehnen|abweisen)\b",
    "es": r"\b(rechazar|denegar)\b",
    "it": r"\b(rifiuta|nega)\b",
    "nl": r"\b(weigeren|afwijzen)\b",
    "pl": r"odrzuć|odm[oó]w",
    "pt": r"\b(rejeitar|recusar)\b",
    "pt-BR": r"\b(rejeitar|recusar)\b",
}
LEADS_ON = {
    "en": r"\b(manage|customi[sz]e|settings|options|choose|configure)\b",
    "fr": r"\b(param[eè]tres|pr[eé]f[eé]rences|personnaliser|g[eé]rer|choisir)\b",
    "de": r"\b(einstellungen|anpassen|verwalten|konfigurieren|ausw[äa]hlen|mehr optionen)\b",
    "es": r"\b(ajustes|configurar|gestionar|opciones|personalizar|preferencias)\b",
    "it": r"\b(impostazioni|personalizza|gestisci|opzioni|configura|preferenze)\b",
    "nl": r"\b(instellingen|aanpassen|beheren|instellen|voorkeuren)\b",
    "pl": r"ustawienia|dostosuj|zarz[aą]dzaj|opcje|skonfiguruj|preferencje",
    "pt": r"\b(personalizar|gerir|op[çc][oõ]es|defini[çc][oõ]es|prefer[eê]ncias)\b",
    "pt-BR": r"\b(personalizar|gerir|op[çc][oõ]es|defini[çc][oõ]es|prefer[eê]ncias)\b",
}
INDIRECT = r"\bwithout\b|\bsans\b|\bsin\b|\bsenza\b|\bohne\b|\bzonder\b|\bsem\b|\bbez\b"


def first(tag: str) -> dict:
    content = default_policy("Elm", "Elm Library", "privacy@elm.example", "")
    policy = Policy(site_id=1, version=1, content=content, hash="", published_at=0)
    site = Site(
        id=1,
        key="k",
        name="Elm",
        hosts=(),
        time_zone="UTC",
        ip_mode="whole",
        policy_version=1,
        min_policy_version=1,
    )
    return first_layer(shown_of(policy, site, tag, texts_of(tag)))


def text_of(layer: dict) -> str:
    """Write what the banner shows beside its buttons."""
    texts, (purpose,) = layer["texts"], layer["purposes"]
    facts = [purpose["title"], purpose["text"], layer["retention"], layer["recipients"]]
    names = ("title", "intro", "purpose", "controller", "retention", "recipients", "policy")
    return "\n".join([*(texts[name] for name in names), *facts])


@pytest.mark.parametrize("tag", ["en", "fr"])
@pytest.mark.parametrize("fact", SAID)
def test_requirement_13_a_scanner_finds_what_has_to_be_said(tag: str, fact: str):
    assert re.search(SAID[fact], text_of(first(tag)), re.IGNORECASE)


@pytest.mark.parametrize("tag", REFUSES)
def test_requirements_7_12_a_scanner_finds_a_plain_refusal_and_the_way_to_the_preferences(tag: str):
    texts = first(tag)["texts"]

    assert re.search(REFUSES[tag], texts["refuse"], re.IGNORECASE)
    assert not re.search(INDIRECT, texts["refuse"], re.IGNORECASE)
    assert not re.search(REFUSES[tag], texts["preferences"], re.IGNORECASE)
    assert re.search(LEADS_ON[tag], texts["preferences"], re.IGNORECASE)
