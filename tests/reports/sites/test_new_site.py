"""Staff add a site, whose first policy is checked like any other."""

import pytest

from tests.reports.garden import Garden
from tests.reports.reading import Reading
from tests.reports.typed_site import THIRD


async def test_staff_add_a_site_and_see_the_list(garden: Garden) -> None:
    client = await garden.signed_in()
    csrf = Reading((await client.get("/sites/new")).text).fields["csrf"]
    wrong = await client.post("/sites/new", data=THIRD | {"csrf": csrf, "hosts": ""})
    made = await client.post("/sites/new", data=THIRD | {"csrf": csrf})
    listed = await client.get("/")

    assert (wrong.status_code, made.status_code) == (422, 303)
    assert made.headers["location"].endswith("/install")
    assert "Third &amp; Co" in listed.text


@pytest.mark.parametrize("name", ["<b>", "\u3164", "a\u0336b"])
async def test_a_sites_first_policy_is_checked_like_any_other(garden: Garden, name: str) -> None:
    client = await garden.signed_in()
    csrf = Reading((await client.get("/sites/new")).text).fields["csrf"]
    for field in ("name", "controller", "contact"):
        answer = await client.post("/sites/new", data=THIRD | {"csrf": csrf, field: name})
        tags = Reading(answer.text).tags
        assert answer.status_code == 422
        assert [at["id"] for _, at in tags if at.get("aria-invalid") == "true"] == [field]
    assert len(garden.deps.book.all()) == 2
