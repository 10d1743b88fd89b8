"""A site's name, hosts and time zone can be changed; what its policy says cannot."""

import httpx2
import pytest

from tests.reports.garden import Garden
from tests.reports.reading import Reading

CHANGED = {"name": "Big <b> garden", "hosts": "example.org\nwww.example.org", "time_zone": "UTC"}


async def _opened(garden: Garden) -> tuple[httpx2.AsyncClient, str, Reading]:
    client, path = await garden.signed_in(), f"/sites/{garden.site.key}/settings"
    return client, path, Reading((await client.get(path)).text)


async def test_the_form_shows_what_the_site_is(garden: Garden) -> None:
    _, path, page = await _opened(garden)

    assert page.fields["name"] == "Garden"
    assert "example.org</textarea>" in page.html
    assert "<option selected>Europe/Berlin" in page.html
    assert page.links["Settings"] == path
    assert "cannot be changed here" in page.text


async def test_a_change_is_kept_and_said_and_the_policy_stays(garden: Garden) -> None:
    client, path, page = await _opened(garden)
    policy = garden.deps.book.policy(garden.site)
    answer = await client.post(path, data=CHANGED | {"csrf": page.fields["csrf"]})
    shown = await client.get(answer.headers["location"])
    site = garden.deps.book.get(garden.site.key)

    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?saved")
    assert (site.name, site.time_zone) == ("Big <b> garden", "UTC")
    assert site.hosts == ("example.org", "www.example.org")
    assert garden.deps.book.policy(site) == policy
    assert garden.deps.book.get(garden.other.key) == garden.other
    assert "Saved." in shown.text
    assert "Big <b>" not in shown.text


async def test_fields_of_the_policy_are_ignored(garden: Garden) -> None:
    client, path, page = await _opened(garden)
    more = {"ip_mode": "dropped", "controller": "Eve", "contact": ""}
    await client.post(path, data=CHANGED | more | {"csrf": page.fields["csrf"]})

    assert garden.deps.book.get(garden.site.key).ip_mode == "whole"
    assert garden.deps.book.policy(garden.site).version == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("hosts", "a..example"), ("hosts", ""), ("time_zone", "Mars")],
)
async def test_a_wrong_value_is_told_at_its_field_and_changes_nothing(
    garden: Garden, field: str, value: str
) -> None:
    client, path, page = await _opened(garden)
    data = CHANGED | {field: value, "csrf": page.fields["csrf"]}
    answer = await client.post(path, data=data)
    wrong = [given["id"] for _, given in Reading(answer.text).tags if "aria-invalid" in given]

    assert (answer.status_code, wrong) == (422, [field])
    assert "<title>Error: Settings" in answer.text
    assert garden.deps.book.get(garden.site.key) == garden.site


@pytest.mark.parametrize("csrf", [{}, {"csrf": "guess"}])
async def test_without_the_sessions_secret_nothing_changes(
    garden: Garden, csrf: dict[str, str]
) -> None:
    client, path, _ = await _opened(garden)
    answer = await client.post(path, data=CHANGED | csrf)

    assert answer.status_code == 403
    assert garden.deps.book.get(garden.site.key) == garden.site


async def test_nobody_changes_a_site_without_a_session(garden: Garden) -> None:
    path = f"/sites/{garden.site.key}/settings"
    answer = await garden.client().post(path, data=CHANGED)

    assert answer.headers["location"].startswith("/sign-in")
    assert garden.deps.book.get(garden.site.key) == garden.site
