"""What the wording says of rights, and of the time after a withdrawal; older versions stay."""

import json
import re
from pathlib import Path

import pytest

from askfirst.sites import Site
from askfirst.store.ledger.sites.policies import Policy
from consent.policy.changes import Change, material_changes
from consent.policy.drafts import WITHDRAWN_DAYS, content_of, draft_of, untold_columns
from consent.policy.languages import duration, languages, texts_of
from consent.policy.wording import default_policy, shown_of

BEFORE = json.loads(
    (Path(__file__).parents[2] / "data" / "policy-of-before.json").read_text(encoding="utf-8")
)
CONTENT = default_policy("Example", "Example Ltd", "privacy@example.org", "")


def shown(content, tag):
    site = Site(
        id=1,
        key=BEFORE["site"],
        name="Example",
        hosts=("example.org",),
        time_zone="UTC",
        ip_mode="whole",
        policy_version=1,
        min_policy_version=1,
    )
    policy = Policy(site_id=1, version=1, content=content, hash="", published_at=0)
    return shown_of(policy, site, tag, content["texts"][tag])


@pytest.mark.parametrize("tag", ["en", "de"])
def test_requirement_20_a_policy_published_before_this_promise_gives_the_same_hash(tag):
    told = shown(BEFORE["content"], tag)
    assert told["hash"] == BEFORE["hashes"][tag]
    assert "withdrawn_days" not in BEFORE["content"]


def test_a_policy_of_before_makes_the_promise_when_it_is_published_anew():
    content = content_of(draft_of(BEFORE["content"]))
    assert content["withdrawn_days"] == WITHDRAWN_DAYS
    assert duration(WITHDRAWN_DAYS, "day", "de") in shown(content, "de")["rights"][0]
    assert draft_of(content) == draft_of(BEFORE["content"])
    newer = [Change("field", name) for name in untold_columns(BEFORE["content"])]
    assert material_changes(BEFORE["content"], content) == newer
    assert material_changes(content, BEFORE["content"]) == []


@pytest.mark.parametrize("tag", languages())
def test_requirement_29_words_and_fact_of_the_time_after_a_withdrawal_agree(tag):
    told = shown(CONTENT, tag)
    assert CONTENT["withdrawn_days"] == WITHDRAWN_DAYS
    assert duration(CONTENT["withdrawn_days"], "day", tag) in told["rights"][0]
    numbers = re.findall(r"\d+", texts_of(tag)["rights"][0])
    assert numbers == []  # the number comes from the fact alone
    assert "{" not in "".join(told["rights"])


@pytest.mark.parametrize("tag", languages())
def test_requirement_29_no_button_of_the_offer_to_erase_promises_to_keep(tag):
    words = texts_of(tag)["preferences"]
    assert words["keep"] == words["close"]


@pytest.mark.parametrize("tag", languages())
def test_law_6_the_rights_name_the_visitors_own_page_and_then_the_contact(tag):
    told, texts = shown(CONTENT, tag), texts_of(tag)
    said = told["rights"][2]
    ways = (texts["banner"]["control"], texts["preferences"]["data_link"])
    assert 0 < said.index(ways[0]) < said.index(ways[1])
    after = said[said.index(ways[1]) :]
    assert len(re.findall(r"[.。]", after)) == 2  # of this sentence, and of the one on the contact
