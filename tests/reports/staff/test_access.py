"""Only staff come in: the setup link, signing in and out, and the guard before every page."""

from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import select

from askfirst.store.ledger.tables import sessions, setup_links, staff
from askfirst.system.assets import asset_path
from consent.policy.drafts import content_of, draft_of
from consent.policy.languages import texts_of
from reports.authentication.one_time_codes import new_code
from reports.sites.setup import make_setup_link
from reports.sites.snippet import SPOKEN
from reports.staff.sign_in import local_path
from tests.reports.garden import EMAIL, PASSWORD, SAME_ORIGIN, Garden, bare_garden, open_garden
from tests.reports.reading import Reading

SETUP = {
    "email": " Owner@Example.org ",
    "password": PASSWORD,
    "name": "Garden",
    "hosts": "https://Example.org/shop\n*.example.org, localhost:8001",
    "time_zone": "Europe/Berlin",
    "controller": "Ada",
    "contact": "ada@example.org",
    "privacy_url": "",
}
THIRD = SETUP | {"name": "Third & Co", "hosts": "third.example"}


def _code(link: str | None) -> str:
    path, _, code = (link or "").partition("#code=")
    assert path == "/setup"
    return code


async def test_the_link_creates_owner_and_site_and_leads_to_the_snippet(tmp_path: Path) -> None:
    async with bare_garden(tmp_path) as (deps, clock):
        client = Garden(deps, clock, (None, None)).client()
        code = _code(await make_setup_link(deps.ledger, clock))
        shown = await client.get("/setup")
        assert Reading(shown.text).fields["code"] == ""
        made = await client.post("/setup", data=SETUP | {"code": code}, headers=SAME_ORIGIN)
        install = await client.get(made.headers["location"])

        [site] = deps.book.all()
        assert (site.name, site.time_zone) == ("Garden", "Europe/Berlin")
        assert site.hosts == ("example.org", "*.example.org", "localhost:8001")
        assert deps.book.policy(site).content["controller"]["name"] == "Ada"
        assert made.headers["location"] == f"/sites/{site.key}/install"
        assert f"src=&#34;https://reports.example/tag.js&#34; data-site=&#34;{site.key}" in (
            install.text
        )
        assert "Waiting for the first visit" in install.text


async def test_the_whole_link_may_be_pasted_as_the_code(tmp_path: Path) -> None:
    async with bare_garden(tmp_path) as (deps, clock):
        client = Garden(deps, clock, (None, None)).client()
        link = f" http://127.0.0.1:8000{await make_setup_link(deps.ledger, clock)}\n"
        made = await client.post("/setup", data=SETUP | {"code": link}, headers=SAME_ORIGIN)

        assert made.status_code == 303, made.text


async def test_the_link_works_once(tmp_path: Path) -> None:
    async with bare_garden(tmp_path) as (deps, clock):
        client = Garden(deps, clock, (None, None)).client()
        code = _code(await make_setup_link(deps.ledger, clock))
        first = await client.post("/setup", data=SETUP | {"code": code}, headers=SAME_ORIGIN)
        second = await client.post(
            "/setup", data=SETUP | {"code": code, "email": "b@b.example"}, headers=SAME_ORIGIN
        )

        assert (first.status_code, second.status_code) == (303, 410)
        assert "This server has an owner" in second.text
        assert len(deps.book.all()) == 1
        assert await make_setup_link(deps.ledger, clock) is None


@pytest.mark.parametrize("case", ["expired", "older", "guess", "empty", "reset"])
async def test_a_code_that_is_not_good_is_told_at_its_field_and_loses_nothing(
    tmp_path: Path, case: str
) -> None:
    async with bare_garden(tmp_path) as (deps, clock):
        client = Garden(deps, clock, (None, None)).client()
        first = _code(await make_setup_link(deps.ledger, clock))
        codes = {"expired": first, "older": first, "guess": "guess", "empty": ""}
        if case == "older":
            await make_setup_link(deps.ledger, clock)
        if case == "expired":
            clock.move(days=1)
        if case == "reset":  # a code of an account is none that creates the owner
            async with deps.ledger.write() as connection:
                codes["reset"] = await new_code(connection, clock(), 1000, 7)
        data = SETUP | {"code": codes[case]}
        answer = await client.post("/setup", data=data, headers=SAME_ORIGIN)
        page = Reading(answer.text)

        assert answer.status_code == 422
        assert "This code is not good" in page.text
        assert page.fields["name"] == "Garden"
        assert page.fields["password"] == ""
        assert not deps.book.all()


async def test_the_form_tells_nobody_whether_a_code_is_good(tmp_path: Path) -> None:
    async with bare_garden(tmp_path) as (deps, clock):
        client = Garden(deps, clock, (None, None)).client()
        before = await client.get("/setup")
        code = _code(await make_setup_link(deps.ledger, clock))
        good = await client.get(f"/setup?token={code}")
        wrong = await client.get("/setup?token=guess")

        assert before.status_code == 200
        assert good.text == wrong.text
        assert "paste it below" in good.text
        assert "paste it below" not in before.text
        assert code not in good.text


async def test_the_ledger_keeps_hashes_of_secrets_only(tmp_path: Path) -> None:
    async with bare_garden(tmp_path) as (deps, clock):
        client = Garden(deps, clock, (None, None)).client()
        code = _code(await make_setup_link(deps.ledger, clock))
        async with deps.ledger.read() as connection:
            kept = (await connection.execute(select(setup_links))).all()
        assert code not in repr(kept)
        await client.post("/setup", data=SETUP | {"code": code}, headers=SAME_ORIGIN)
        async with deps.ledger.read() as connection:
            kept = [*(await connection.execute(select(sessions))).all()]
            kept += (await connection.execute(select(staff))).all()
        assert client.cookies["__Host-askfirst_staff"] not in repr(kept)
        assert PASSWORD not in repr(kept)
        assert "$argon2id$" in repr(kept)


async def test_bad_input_names_the_field_and_loses_nothing_but_the_password(
    tmp_path: Path,
) -> None:
    bad = {
        "email": "nobody",
        "password": "short",
        "name": "",
        "hosts": "not a host!",
        "time_zone": "Mars/Olympus",
        "controller": "<script>alert(1)</script>",
        "contact": " ",
        "privacy_url": "javascript:alert(1)",
    }
    async with bare_garden(tmp_path) as (deps, clock):
        client = Garden(deps, clock, (None, None)).client()
        code = _code(await make_setup_link(deps.ledger, clock))
        answer = await client.post("/setup", data=bad | {"code": code}, headers=SAME_ORIGIN)
        page = Reading(answer.text)

        assert answer.status_code == 422
        wrong = {given["id"] for _, given in page.tags if given.get("aria-invalid") == "true"}
        assert wrong == {
            "email",
            "password",
            "name",
            "hosts",
            "time_zone",
            "controller",
            "contact",
            "privacy_url",
        }
        assert page.fields["email"] == "nobody"
        assert page.fields["controller"] == "<script>alert(1)</script>"
        assert page.fields["password"] == ""
        assert "<script>alert" not in answer.text
        assert "<title>Error: Set up Askfirst" in answer.text
        summary = [text for text, href in page.links.items() if href.startswith("#")]
        assert summary == [
            "Skip to content",
            "Email",
            "Password",
            "Name of the site",
            "Hosts",
            "Time zone",
            "Who is responsible",
            "How to reach them",
            "Privacy page",
        ]
        assert next(given for _, given in page.tags if "data-errors" in given)["tabindex"] == "-1"
        assert deps.book.all() == []


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


async def test_a_session_ends_after_its_hours(garden: Garden) -> None:
    client = await garden.signed_in()
    garden.clock.move(minutes=12 * 60, ms=-1)
    assert (await client.get("/sites/new")).status_code == 200
    garden.clock.move(ms=1)
    assert (await client.get("/sites/new")).status_code == 303


async def test_signing_out_ends_the_session_on_the_server(garden: Garden) -> None:
    client = await garden.signed_in()
    secret = client.cookies["__Host-askfirst_staff"]
    csrf = Reading((await client.get("/sites/new")).text).fields["csrf"]
    await client.post("/sign-out", data={"csrf": csrf})

    again = garden.client(Cookie=f"__Host-askfirst_staff={secret}")
    assert (await again.get("/sites/new")).status_code == 303


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


async def test_too_long_and_badly_encoded_forms_are_refused(garden: Garden) -> None:
    client = garden.client(**SAME_ORIGIN)
    long = await client.post("/sign-in", data={"email": "x" * 40_000})
    raw = {"Content-Type": "application/x-www-form-urlencoded"}
    broken = await client.post("/sign-in", content=b"email=%ff%fe", headers=raw)
    bytes_ = await client.post("/sign-in", content="email=ü".encode(), headers=raw)
    many = await client.post("/sign-in", content=b"a=1&" * 100, headers=raw)

    assert [a.status_code for a in (long, broken, bytes_, many)] == [413, 400, 400, 400]


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


async def test_the_wait_for_the_first_visit_turns(garden: Garden) -> None:
    client = await garden.signed_in()
    base = f"/sites/{garden.site.key}/install"
    before = await client.get(f"{base}/state")
    waiting = await client.get(base)
    garden.event("2026-01-01T11:00")
    garden.store()
    after = await client.get(f"{base}/state")
    turned = await client.get(base)

    assert before.json() == {"recording": False, "turned_away": 0}
    assert after.json() == {"recording": True, "turned_away": 0}
    assert 'http-equiv="refresh"' in waiting.text
    assert "Waiting" not in turned.text
    assert "Visits are being recorded" in turned.text


async def test_the_wait_does_not_return_after_the_only_visitor_was_erased(garden: Garden) -> None:
    garden.deps.tallies.add(garden.site.id, "accepted")
    garden.clock.move(days=90)
    client = await garden.signed_in()
    page = await client.get(f"/sites/{garden.site.key}/install")

    assert "Visits are being recorded" in page.text
    assert "Waiting" not in page.text


async def test_requests_from_hosts_that_are_not_listed_are_told_where_the_tag_is(
    garden: Garden,
) -> None:
    client = await garden.signed_in()
    base = f"/sites/{garden.site.key}/install"
    garden.deps.tallies.add(garden.other.id, "bad_origin", 9)
    quiet = await client.get(base)
    garden.deps.tallies.add(garden.site.id, "bad_origin", 2)
    page = Reading((await client.get(base)).text)
    state = (await client.get(f"{base}/state")).json()
    garden.clock.move(days=8)
    later = await client.get(base)

    assert "not listed" not in quiet.text
    assert "2 requests came from a host that is not listed" in page.text
    assert "Listed: example.org." in page.text
    assert page.links["Change the hosts"] == f"/sites/{garden.site.key}/settings"
    assert state == {"recording": False, "turned_away": 2}
    assert "not listed" not in later.text


async def test_an_unknown_site_is_not_found(garden: Garden) -> None:
    client = await garden.signed_in()
    for path in ("", "/install", "/install/state", "/settings", "/visitors", "/consent-check"):
        assert (await client.get(f"/sites/ffffffffffffffff{path}")).status_code == 404


async def test_a_single_site_opens_at_once(tmp_path: Path) -> None:
    async with bare_garden(tmp_path) as (deps, clock):
        client = Garden(deps, clock, (None, None)).client()
        code = _code(await make_setup_link(deps.ledger, clock))
        await client.post("/setup", data=SETUP | {"code": code}, headers=SAME_ORIGIN)
        [site] = deps.book.all()

        assert (await client.get("/")).headers["location"] == f"/sites/{site.key}"
        assert "Garden" in (await client.get("/?all")).text


async def test_law_8_what_named_no_site_is_shown_on_the_list_of_sites(garden: Garden) -> None:
    garden.deps.tallies.add(0, "unknown_site", 7)
    client = await garden.signed_in()
    page = Reading((await client.get("/")).text)

    [rows] = page.tables.values()
    assert rows == [["A key that no site has", "7"]]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hosts", "\n".join(f"h{n}.example" for n in range(51))),
        ("hosts", "a..example"),
        ("hosts", "x" * 300 + ".example"),
        ("hosts", "\u2603" * 70),
        ("name", "x" * 201),
        ("name", "bell\x07"),
        ("privacy_url", "https://" + "x" * 500),
        ("time_zone", ""),
        ("password", "x" * 201),
    ],
)
async def test_each_wrong_value_is_told_at_its_field(
    tmp_path: Path, field: str, value: str
) -> None:
    async with bare_garden(tmp_path) as (deps, clock):
        client = Garden(deps, clock, (None, None)).client()
        code = _code(await make_setup_link(deps.ledger, clock))
        data = SETUP | {"code": code, field: value}
        answer = await client.post("/setup", data=data, headers=SAME_ORIGIN)
        wrong = [g["id"] for _, g in Reading(answer.text).tags if "aria-invalid" in g]

        assert (answer.status_code, wrong) == (422, [field])


async def test_names_of_hosts_may_be_written_in_any_script(tmp_path: Path) -> None:
    async with bare_garden(tmp_path) as (deps, clock):
        client = Garden(deps, clock, (None, None)).client()
        code = _code(await make_setup_link(deps.ledger, clock))
        data = SETUP | {"code": code, "hosts": "b\u00fccher.example"}
        await client.post("/setup", data=data, headers=SAME_ORIGIN)

        assert deps.book.all()[0].hosts == ("xn--bcher-kva.example",)


async def test_somebody_signed_in_is_led_past_the_form(garden: Garden) -> None:
    client = await garden.signed_in()
    answer = await client.get("/sign-in?next=/sites/new")

    assert (answer.status_code, answer.headers["location"]) == (303, "/sites/new")


async def test_a_form_posted_after_the_session_ended_leads_to_the_form(garden: Garden) -> None:
    answer = await garden.client().post("/sites/new", data=SETUP)

    assert answer.headers["location"] == "/sign-in?next=%2F"


async def test_the_line_to_paste_speaks_the_language_of_the_pages(garden: Garden) -> None:
    """The control's labels come with the wording, whatever language a page has."""
    client = await garden.signed_in()
    base = f"/sites/{garden.site.key}/install"
    german = unescape((await client.get(f"{base}?language=de")).text)
    assert 'data-lang="de"' in german
    assert "data-control-label" not in german
    assert 'data-lang="en"' in unescape((await client.get(f"{base}?language=en")).text)
    for unnamed in ("", "?language=", "?language=%22><b>"):
        line = unescape((await client.get(f"{base}{unnamed}")).text)
        assert f'data-site="{garden.site.key}"></script>' in line


async def test_the_line_to_paste_holds_no_page_to_the_default_language(garden: Garden) -> None:
    policy = garden.deps.book.policy(garden.site)
    draft = {**draft_of(policy.content), "default_language": "de"}
    await garden.deps.book.publish(garden.site, content_of(draft), asks_again=False)
    client = await garden.signed_in()
    shown = unescape((await client.get(f"/sites/{garden.site.key}/install")).text)

    assert f'data-site="{garden.site.key}"></script>' in shown
    assert ">Datenschutzauswahl</a></noscript>" in shown


async def test_the_line_to_paste_holds_an_owners_own_english_labels_and_no_others(
    garden: Garden,
) -> None:
    """English pages fetch no words: the tag's own are the shipped ones."""
    shipped = texts_of("en")["banner"]
    assert (shipped["control"], shipped["withdraw"]) == SPOKEN
    script = asset_path("static/js/tag/control.js").read_text(encoding="utf-8")
    assert all(f'"{label}"' in script for label in SPOKEN)
    base = f"/sites/{garden.site.key}/install?language=en"
    client = await garden.signed_in()
    assert "data-control-label" not in unescape((await client.get(base)).text)
    policy = garden.deps.book.policy(garden.site)
    own = {"en": {"banner.control": "Your <choice>"}}
    draft = {**draft_of(policy.content), "own": own}
    await garden.deps.book.publish(garden.site, content_of(draft), asks_again=False)
    line = unescape((await client.get(base)).text)

    assert 'data-control-label="Your &lt;choice&gt;" data-withdraw-label="Withdraw consent"' in line


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
