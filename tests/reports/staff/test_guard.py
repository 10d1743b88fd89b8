"""No page opens without a session, and no form is taken without the session's secret."""

import hashlib
import hmac
import re
from pathlib import Path

import pytest

from reports.staff.account import SAVED
from tests.reports.garden import EMAIL, PASSWORD, SAME_ORIGIN, Garden, open_garden
from tests.reports.reading import Reading
from tests.reports.typed_site import SETUP


async def test_a_page_without_a_session_leads_to_the_form_and_back(garden: Garden) -> None:
    client = garden.client(**{"Sec-Fetch-Site": "none"})
    path = f"/sites/{garden.site.key}?period=7d"
    sent = await client.get(path)
    form = await client.get(sent.headers["location"])
    next_path = Reading(form.text).fields["next"]
    data = {"email": EMAIL.upper(), "password": PASSWORD, "next": next_path}
    answer = await client.post("/sign-in", data=data, headers=SAME_ORIGIN)

    assert sent.status_code == 303
    assert answer.headers["location"] == path
    assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/sites/new",
        "/sites/KEY",
        "/sites/KEY/visitors",
        f"/sites/KEY/visitors/{'a' * 32}",
        "/sites/KEY/consent-check",
        "/sites/KEY/install",
        "/sites/KEY/install/state",
        "/sites/KEY/settings",
    ],
)
async def test_no_page_opens_without_a_session(garden: Garden, path: str) -> None:
    answer = await garden.client().get(path.replace("KEY", garden.site.key))

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=%2F")


async def test_a_session_ends_after_its_hours(garden: Garden) -> None:
    client = await garden.signed_in()
    garden.clock.move(minutes=12 * 60, ms=-1)
    assert (await client.get("/sites/new")).status_code == 200
    garden.clock.move(ms=1)
    assert (await client.get("/sites/new")).status_code == 303


@pytest.mark.parametrize("csrf", [{}, {"csrf": ""}, {"csrf": "guess"}, {"csrf": "\u00fc"}])
async def test_a_form_without_the_sessions_secret_is_refused(
    garden: Garden, csrf: dict[str, str]
) -> None:
    client = await garden.signed_in()
    answer = await client.post("/sites/new", data=SETUP | csrf)
    out = await client.post("/sign-out", data=csrf)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "bad_csrf")
    assert out.status_code == 403
    assert len(garden.deps.book.all()) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://reports.example.evil"},
        {"Sec-Fetch-Site": "cross-site", **SAME_ORIGIN},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/sign-in", "/setup"])
async def test_a_form_from_elsewhere_is_refused_before_a_session(
    garden: Garden, path: str, headers: dict[str, str]
) -> None:
    data = {"email": EMAIL, "password": PASSWORD}
    answer = await garden.client().post(path, data=data, headers=headers)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "bad_origin")


async def test_too_long_and_badly_encoded_forms_are_refused(garden: Garden) -> None:
    client = garden.client(**SAME_ORIGIN)
    long = await client.post("/sign-in", data={"email": "x" * 40_000})
    raw = {"Content-Type": "application/x-www-form-urlencoded"}
    broken = await client.post("/sign-in", content=b"email=%ff%fe", headers=raw)
    bytes_ = await client.post("/sign-in", content="email=ü".encode(), headers=raw)
    many = await client.post("/sign-in", content=b"a=1&" * 100, headers=raw)

    assert [a.status_code for a in (long, broken, bytes_, many)] == [413, 400, 400, 400]


async def test_a_form_posted_after_the_session_ended_leads_to_the_form(garden: Garden) -> None:
    answer = await garden.client().post("/sites/new", data=SETUP)

    assert answer.headers["location"] == "/sign-in?next=%2F"


PUBLIC = "https://stats.example"


FETCHED = {"Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize("path", ["/sign-in", "/setup", "/reset"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example", "Origin": "https://evil.example", **FETCHED}, 403),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 403),
        ({"Host": "evil.example", "Origin": "null", **FETCHED}, 403),
        ({"Host": "evil.example", **FETCHED}, 403),
        ({"Host": "localhost.evil.example", "Origin": "http://localhost.evil.example"}, 403),
        ({"Host": "localhost:8000", "Origin": "http://localhost:9999"}, 403),
        ({"Host": "stats.example", "Origin": "http://localhost:8000"}, 403),
        ({"Host": "stats.example", "Origin": PUBLIC, **FETCHED}, None),
        ({"Host": "inside:8000", "Origin": PUBLIC, **FETCHED}, None),
        ({"Host": "inside:8000", "Origin": PUBLIC}, None),
        ({"Host": "stats.example", **FETCHED}, None),
        ({"Host": "localhost:8000", "Origin": "http://localhost:8000", **FETCHED}, None),
        ({"Host": "127.0.0.1:8000", "Origin": "http://127.0.0.1:8000"}, None),
        ({"Host": "[::1]:8000", "Origin": "http://[::1]:8000"}, None),
    ],
)
async def test_with_a_public_url_no_other_name_is_this_servers_but_the_machines_own(
    tmp_path: Path, path: str, headers: dict[str, str], status: int | None
) -> None:
    """A stranger's domain whose address was changed to ours is same-origin to a browser."""
    async with open_garden(tmp_path, public_url=PUBLIC) as garden:
        data = {"email": EMAIL, "password": PASSWORD}
        answer = await garden.client().post(path, data=data, headers=headers)

    found = answer.text if answer.status_code == 403 else ""
    assert ("bad_origin" in found) is (status == 403)


DONE = "__Host-askfirst_done"
OUTCOMES = {
    "account": ("saved=password", "saved=email", "saved=sessions", "saved=language"),
    "goals": ("done=saved", "done=deleted"),
    "goals/funnels": ("done=saved", "done=deleted"),
    "wording": ("saved", "published"),
    "wording/review": ("stale", "unanswered"),
    "segments": ("kept", "deleted"),
    "mail": ("saved", "asked"),
    "api-keys": ("revoked", "switched=on"),
    "sharing": ("revoked",),
    "not-recorded": ("saved=yes",),
    **dict.fromkeys(("settings", "recording", "rules", "accounts"), ("saved",)),
}


async def test_no_link_of_a_stranger_makes_a_page_say_that_something_was_done(
    garden: Garden,
) -> None:
    client = await garden.signed_in()
    for page, outcomes in OUTCOMES.items():
        path = "/account" if page == "account" else f"/sites/{garden.site.key}/{page}"
        plain = await client.get(path)
        assert plain.status_code == 200, page
        for one in outcomes:
            assert (await client.get(f"{path}?{one}")).text == plain.text, (page, one)


async def test_a_page_says_once_what_an_act_of_its_session_has_done(garden: Garden) -> None:
    client, other = await garden.signed_in(), await garden.signed_in()
    csrf = Reading((await client.get("/account")).text).fields["csrf"]
    form = {"csrf": csrf, "dates": "de"}
    answer = await client.post("/account/language", data=form, headers=SAME_ORIGIN)
    other.cookies.set(DONE, client.cookies[DONE])
    elsewhere = await client.get("/account?saved=password")
    theirs, told, again = [
        await one.get(answer.headers["location"]) for one in (other, client, client)
    ]

    done = [SAVED["language"] in one.text for one in (theirs, told, again)]
    assert done == [False, True, False]
    assert SAVED["password"] not in elsewhere.text


async def test_the_name_of_a_session_proves_to_its_pages_no_act(garden: Garden) -> None:
    """Each session of an account sees the others' names in the list from which it can end them."""
    client, other = await garden.signed_in(), await garden.signed_in()
    [name] = re.findall(
        r'name="session" value="([0-9a-f]{64})"', (await other.get("/account")).text
    )
    for key in (bytes.fromhex(name), name.encode(), b""):
        proof = hmac.new(key, b"outcome:/account?saved=password", hashlib.sha256).hexdigest()
        client.cookies.set(DONE, proof)
        assert SAVED["password"] not in (await client.get("/account?saved=password")).text
