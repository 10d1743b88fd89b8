"""The page that compares two versions of a policy: what differs is marked by words."""

import re

import pytest

from tests.consent.public_pages import plain, policy_page, republish


async def test_the_differences_of_two_versions_are_marked_by_words(room):
    own = {"en": {"purposes.ads.title": "Shop", "purposes.ads.text": "To sell."}}
    content = room.deps.book.policy(room.site).content
    [first] = content["purposes"]
    purposes = [
        {"id": first["id"], "columns": [c for c in first["columns"] if c != "country"]},
        {"id": "ads", "columns": ["country"]},
    ]
    await republish(room, own=own, purposes=purposes, retention_months=12, recipients=["Eve & Co"])
    page = await policy_page(room, "/compare?from=1&to=2")
    assert "<del>25 months</del>" in page
    assert "<ins>12 months</ins>" in page
    assert "<ins>Eve &amp; Co</ins>" in page
    assert "<del>nobody</del>" in page
    assert "<ins>To sell.</ins>" in page
    assert re.search(r"<del>Visit statistics: Country\.", page)
    assert re.search(r"<ins>Shop: Country\.", page)
    assert re.search(r"<h3>Shop</h3>\s*<p><strong>[^<]*</strong> <ins>To sell.", page)
    assert re.search(r"<h3>Country</h3>\s*<p><strong>[^<]*</strong> <ins>Shop: Country\.", page)
    assert "Removed: 25 months" in plain(page).replace(" :", ":")
    assert "Example Ltd" not in re.sub(r"<footer.*", "", page, flags=re.S)


async def test_versions_that_do_not_differ_say_so(room):
    await republish(room)
    assert "do not differ" in await policy_page(room, "/compare")
    assert "do not differ" in await policy_page(room, "/compare?from=2&to=2&lang=en")
    assert "do not differ" not in await policy_page(room, "/compare?lang=de")


@pytest.mark.parametrize("query", ["from=x", "to=0", "from=-1", "to=1.5", "from=1'"])
async def test_a_version_number_that_is_none_is_refused(room, query):
    answer = await room.browser.get(f"/policy/{room.site.key}/compare?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")


async def test_differences_are_shown_in_a_language_that_both_versions_have(room):
    await republish(room, languages=["fr", "de"], default_language="fr")
    page = await policy_page(room, "/compare?from=1&to=2&lang=en")
    assert '<html lang="fr"' in page
