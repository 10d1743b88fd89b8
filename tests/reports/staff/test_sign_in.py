"""Staff sign in with the right password alone, from anywhere, and out again."""

from pathlib import Path

import pytest

from reports.staff.sign_in import local_path
from tests.reports.garden import EMAIL, PASSWORD, SAME_ORIGIN, Garden, open_garden
from tests.reports.reading import Reading


@pytest.mark.parametrize("email", [EMAIL, "unknown@example.org", "", "x" * 5000])
async def test_a_wrong_password_and_an_unknown_email_get_the_same_answer(
    garden: Garden, email: str
) -> None:
    data = {"email": email, "password": "wrong"}
    answer = await garden.client().post("/sign-in", data=data, headers=SAME_ORIGIN)

    assert answer.status_code == 401
    assert "do not belong together" in answer.text
    assert "set-cookie" not in answer.headers


async def test_who_has_lost_the_password_is_told_what_to_do(garden: Garden) -> None:
    page = Reading((await garden.client().get("/sign-in")).text)

    assert "askfirst staff reset" in page.text


async def test_the_cookie_is_closed_to_scripts_and_other_sites(garden: Garden) -> None:
    data = {"email": EMAIL, "password": PASSWORD}
    answer = await garden.client().post("/sign-in", data=data, headers=SAME_ORIGIN)
    cookie = answer.headers["set-cookie"].lower()

    assert {"httponly", "secure", "samesite=lax", "path=/"} <= set(cookie.split("; "))


async def test_signing_in_again_renews_the_session(garden: Garden) -> None:
    client = await garden.signed_in()
    old = client.cookies["__Host-askfirst_staff"]
    await client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD}, headers=SAME_ORIGIN)
    stale = garden.client(Cookie=f"__Host-askfirst_staff={old}")

    assert client.cookies["__Host-askfirst_staff"] != old
    assert (await stale.get("/sites/new")).status_code == 303


async def test_signing_out_ends_the_session_on_the_server(garden: Garden) -> None:
    client = await garden.signed_in()
    secret = client.cookies["__Host-askfirst_staff"]
    csrf = Reading((await client.get("/sites/new")).text).fields["csrf"]
    await client.post("/sign-out", data={"csrf": csrf})

    again = garden.client(Cookie=f"__Host-askfirst_staff={secret}")
    assert (await again.get("/sites/new")).status_code == 303


async def test_tries_are_limited_by_address(tmp_path: Path) -> None:
    async with open_garden(tmp_path, sign_ins_per_minute=3) as garden:
        client = garden.client()
        answers = [
            await client.post(
                "/sign-in", data={"email": f"{n}@x.example", "password": "w"}, headers=SAME_ORIGIN
            )
            for n in range(4)
        ]
        late = await client.post(
            "/sign-in", data={"email": EMAIL, "password": PASSWORD}, headers=SAME_ORIGIN
        )

        assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
        assert late.status_code == 429
        assert late.headers["retry-after"] == "60"


async def test_a_stranger_at_another_address_cannot_lock_the_owner_out(tmp_path: Path) -> None:
    async with open_garden(tmp_path, sign_ins_per_minute=3) as garden:
        wrong = {"email": EMAIL, "password": "w"}
        app = garden.app()
        stranger = garden.client(app, peer="198.51.100.1")
        tries = [await stranger.post("/sign-in", data=wrong, headers=SAME_ORIGIN) for _ in range(5)]
        owner = await garden.client(app).post(
            "/sign-in", data={"email": EMAIL, "password": PASSWORD}, headers=SAME_ORIGIN
        )

        assert [answer.status_code for answer in tries] == [401, 401, 401, 429, 429]
        assert owner.status_code == 303


async def test_one_account_is_guarded_against_many_addresses(tmp_path: Path) -> None:
    async with open_garden(tmp_path, sign_ins_per_minute=1) as garden:
        wrong = {"email": EMAIL, "password": "w"}
        app = garden.app()
        tries = [
            await garden.client(app, peer=f"198.51.100.{n}").post(
                "/sign-in", data=wrong, headers=SAME_ORIGIN
            )
            for n in range(15)
        ]

        assert [answer.status_code for answer in tries] == [401] * 13 + [429] * 2


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/sites/x?period=7d", "/sites/x?period=7d"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/evil.example", "/"),
        ("sites", "/"),
        ("", "/"),
        ("/../other", "/"),
        ("/askfirst/../other", "/"),
        ("/sites/.%2E/%2e%2E/other?x", "/"),
        ("/sites/..\\other", "/"),
        ("/./sites", "/"),
        ("/sites/a..b/.c?next=/../d", "/sites/a..b/.c?next=/../d"),
    ],
)
def test_only_paths_of_this_server_are_followed(asked: str, given: str) -> None:
    assert local_path(asked) == given


async def test_somebody_signed_in_is_led_past_the_form(garden: Garden) -> None:
    client = await garden.signed_in()
    answer = await client.get("/sign-in?next=/sites/new")

    assert (answer.status_code, answer.headers["location"]) == (303, "/sites/new")
