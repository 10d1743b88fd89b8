"""Pages about one thing, and forms, lead back to the report with its period and filters."""

import pytest

from tests.reports.garden import ANNA, Garden
from tests.reports.reading import Reading

KEPT = "?period=7d&where=country%2Cis%2CDE"
"""The query of a report."""


@pytest.fixture
async def filled(garden: Garden) -> Garden:
    await garden.consent(ANNA)
    garden.event("2026-01-01T10:00", country="DE", path="/thanks")
    garden.store()
    return garden


async def test_pages_without_filters_lead_back_with_them(filled: Garden) -> None:
    client, base = await filled.signed_in(), f"/sites/{filled.site.key}"
    for path in ("/choices", "/not-recorded", "/now", "/goals/new", f"/visitors/{ANNA}"):
        page = Reading((await client.get(f"{base}{path}{KEPT}")).text)

        assert page.links["Overview"] == f"{base}{KEPT}", path
        assert page.links["Goals"] == f"{base}/goals{KEPT}", path
        assert page.links["Choices"] == f"{base}/choices{KEPT}", path
        assert page.links["Other"].partition("?")[2] in ("", "period=7d"), path


async def test_reports_lead_to_them_with_period_and_filters(filled: Garden) -> None:
    client, base = await filled.signed_in(), f"/sites/{filled.site.key}"
    links = {
        path: Reading((await client.get(f"{base}{path}{KEPT}")).text).links
        for path in ("", "/goals", "/goals/funnels", "/visitors", f"/visitors/{ANNA}")
    }

    assert links[""]["How visitors answered"] == f"{base}/choices{KEPT}"
    assert links[""]["By day, and what rules leave out"] == f"{base}/not-recorded{KEPT}"
    assert links["/goals"]["Set the first goal"] == f"{base}/goals/new{KEPT}"
    assert links["/goals/funnels"]["Make the first funnel"] == f"{base}/goals/funnels/new{KEPT}"
    assert f"{base}/visitors/{ANNA}{KEPT}" in links["/visitors"].values()
    assert links[f"/visitors/{ANNA}"]["All visitors"] == f"{base}/visitors{KEPT}"


async def test_a_form_comes_back_to_the_report_it_was_opened_from(filled: Garden) -> None:
    client, base = await filled.signed_in(), f"/sites/{filled.site.key}"
    goal = {"name": "Thanks", "what": "page", "pattern": "/thanks"}
    saved = await filled.post(client, f"/goals/new{KEPT}", **goal)
    again = await client.get(saved.headers["location"])
    deleted = await filled.post(client, f"/goals/1/delete{KEPT}")
    steps = {"what-1": "page", "pattern-1": "/", "what-2": "page", "pattern-2": "/thanks"}
    funnel = {"name": "Way", "length": "7", "unit": "days", **steps, "do": "save"}
    walked = await filled.post(client, f"/goals/funnels/new{KEPT}", **funnel)

    assert saved.headers["location"] == f"{base}/goals{KEPT}&done=saved"
    assert Reading(again.text).tables["Goals, with the share of visitors who reached each"]
    assert deleted.headers["location"] == f"{base}/goals{KEPT}&done=deleted"
    assert walked.headers["location"] == f"{base}/goals/funnels{KEPT}&funnel=1&done=saved"
    form = Reading((await client.get(f"{base}/goals/new{KEPT}")).text)
    assert ("form", f"{base}/goals/new{KEPT}") in [(t, a.get("action")) for t, a in form.tags]


async def test_what_is_wrong_in_an_address_is_said_by_the_report_alone(filled: Garden) -> None:
    client, base = await filled.signed_in(), f"/sites/{filled.site.key}"
    wrong = "?where=%22%3E%3Cscript%3E&period=7d"
    page = await client.get(f"{base}/goals/new{wrong}")

    assert page.status_code == 200
    assert "<script>" not in page.text.replace("<script defer", "")
    assert (await client.get(f"{base}/goals{wrong}")).status_code == 400
