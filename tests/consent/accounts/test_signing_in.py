"""A visitor makes an account and signs in; nobody learns from it who has one."""

import re

import pytest

from tests.consent.accounts.hall import EMAIL, PASSWORD, Hall, open_hall
from tests.consent.public_pages import plain
from tests.factories import a_view

UNKNOWN = "nobody@example.org"


async def test_an_account_is_made_by_address_and_password_and_confirmed_by_mail(hall: Hall):
    guest = hall.guest()
    answer = await guest.do("register", email=f" {EMAIL.upper()} ", new_password=PASSWORD)
    waiting = hall.guest()
    await waiting.do("sign_in", email=EMAIL, password=PASSWORD)
    link = hall.mail("confirm")
    await guest.open(link["link"], password=PASSWORD)
    elsewhere = hall.guest()
    await elsewhere.do("sign_in", email=EMAIL, password=PASSWORD)

    assert "set-cookie" not in answer.headers
    assert "Please look into your mail" in plain(answer.text)
    assert link["to"] == EMAIL
    assert link["language"] == "en"
    assert not waiting.is_signed_in
    assert guest.is_signed_in
    assert elsewhere.is_signed_in
    [row] = hall.table("visitor_accounts")
    assert row["password_hash"].startswith("$argon2id$")
    assert EMAIL.encode() not in row["email"] + row["email_hash"]


async def test_an_account_without_a_password_signs_in_by_links_alone(hall: Hall):
    guest = await hall.member(password="")
    await guest.do("sign_out")
    empty = await guest.do("sign_in", email=EMAIL, password="")
    guest.client.cookies.clear()
    await guest.do("link", email=EMAIL)
    await guest.open(hall.mail("sign_in")["link"])

    assert empty.status_code == 401
    assert guest.is_signed_in


async def test_nobody_makes_an_account_with_a_password_of_theirs_for_another_s_address(hall: Hall):
    stranger, owner = hall.guest(), hall.guest()
    await stranger.do("register", email=EMAIL, new_password=PASSWORD)
    link = hall.mail("confirm")["link"]
    guessed = await owner.open(link, password="the owner knows nothing of it")
    await stranger.do("sign_in", email=EMAIL, password=PASSWORD)

    assert guessed.status_code == 422
    assert not owner.is_signed_in
    assert not stranger.is_signed_in


async def test_two_who_register_one_address_have_a_link_each_and_the_first_confirmed_holds(
    hall: Hall,
):
    first, second = hall.guest(), hall.guest()
    await first.do("register", email=EMAIL, new_password=PASSWORD)
    of_first = hall.mail("confirm")["link"]
    await second.do("register", email=EMAIL, new_password="another one of theirs, long")
    await first.open(of_first, password=PASSWORD)
    late = await second.open(hall.mail("confirm")["link"], password="another one of theirs, long")

    assert first.is_signed_in
    assert late.status_code == 410
    assert len(hall.table("visitor_accounts")) == 1


@pytest.mark.parametrize("do", ["register", "link", "forgot"])
async def test_what_is_answered_does_not_tell_whether_an_address_is_known(hall: Hall, do: str):
    await hall.member()
    hall.mails.clear()
    known = await hall.guest().do(do, email=EMAIL, new_password=PASSWORD)
    told = list(hall.sent)
    unknown = await hall.guest().do(do, email=UNKNOWN, new_password=PASSWORD)

    assert known.status_code == unknown.status_code == 200
    assert known.text == unknown.text
    assert known.headers.keys() == unknown.headers.keys()
    assert told == {"register": ["known"], "link": ["sign_in"], "forgot": ["password"]}[do]


async def test_a_wrong_password_and_an_unknown_address_get_one_answer(hall: Hall):
    await hall.member()
    wrong = await hall.guest().do("sign_in", email=EMAIL, password="not the right one")
    unknown = await hall.guest().do("sign_in", email=UNKNOWN, password="not the right one")

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace(EMAIL, "") == unknown.text.replace(UNKNOWN, "")
    assert "set-cookie" not in wrong.headers


async def test_a_password_is_hashed_as_slowly_where_there_is_no_account(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
):
    from argon2 import PasswordHasher

    await hall.member()
    verified: list[str] = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(
        PasswordHasher, "verify", lambda own, *args: verified.append(args[0]) or verify(own, *args)
    )
    for email in (EMAIL, UNKNOWN):
        await hall.guest().do("sign_in", email=email, password="not the right one")

    assert len(verified) == 2
    assert len({one.rsplit("$", 2)[0] for one in verified}) == 1  # of the same cost


async def test_the_address_is_looked_up_after_the_answer(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
):
    from consent.accounts.entrance import Entrance

    order: list[str] = []

    async def looked_up(*_args: object) -> None:
        order.append("looked up")

    monkeypatch.setattr(Entrance, "ask_for", looked_up)
    transport = hall.world.client._transport
    app = transport.app

    async def watched(scope, receive, send):
        async def sending(message):
            if message["type"] == "http.response.body" and not message.get("more_body"):
                order.append("answered")
            await send(message)

        await app(scope, receive, sending)

    monkeypatch.setattr(transport, "app", watched)
    await hall.guest().do("link", email=EMAIL)

    assert order == ["answered", "looked up"]


async def test_wrong_passwords_are_limited_by_network_and_by_account(hall: Hall):
    await hall.member()
    answers = [
        (await hall.guest().do("sign_in", email=EMAIL, password="wrong and wrong")).status_code
        for _ in range(30)
    ]

    assert answers[0] == 401
    assert answers[-1] == 429


async def test_an_address_is_sent_a_few_mails_an_hour_and_the_answer_stays_the_same(hall: Hall):
    await hall.member()
    hall.mails.clear()
    answers = []
    for _ in range(9):
        answers.append((await hall.guest().do("link", email=EMAIL)).text)
        hall.world.clock.move(minutes=1)

    assert len(hall.mails) < 6
    assert len(set(answers)) == 1


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "at least 12 characters"),
        ("passwordpassword", "easy to guess"),
        (EMAIL + "!!", "neither your address"),
        ("x y" * 100, "at most 200"),
    ],
)
async def test_a_password_is_refused_by_length_and_by_a_list_and_asks_no_symbols(
    hall: Hall, password: str, said: str
):
    answer = await hall.guest().do("register", email=EMAIL, new_password=password)

    assert answer.status_code == 422
    assert said in plain(answer.text)
    assert password not in answer.text
    assert hall.mails == []


@pytest.mark.parametrize(
    "email", ["", "anna", "@", "a b@example.org", "x" * 300 + "@a.org", "a@b\r\nc"]
)
async def test_an_address_that_is_none_is_refused_and_escaped(hall: Hall, email: str):
    typed = email + '"><script>x</script>'
    answer = await hall.guest().do("register", email=typed[-400:] if email else "")

    assert answer.status_code == 422
    assert "<script>x" not in answer.text
    assert hall.mails == []


@pytest.mark.parametrize(
    "email",
    [
        "anna@example.org(1)",
        "(1)anna@example.org",
        '"an\\na"@example.org',
        "x<anna@example.org>",
        "anna@example.org,bert@example.org",
        "anna@b@example.org",
    ],
)
async def test_a_mailbox_has_one_spelling_so_that_its_limits_hold(hall: Hall, email: str):
    answer = await hall.guest().do("register", email=email)

    assert answer.status_code == 422
    assert hall.mails == []


@pytest.mark.parametrize("email", ["", "anna", "@", "a b@example.org", "x" * 300 + "@a.org"])
async def test_what_is_no_address_is_refused(hall: Hall, email: str):
    assert (await hall.guest().do("register", email=email)).status_code == 422


async def test_a_form_of_another_website_is_refused(hall: Hall):
    member = await hall.member()
    path = f"/account/{hall.world.site.key}"
    for form in ({"do": "sign_in", "email": EMAIL, "password": PASSWORD}, {"do": "sign_out_all"}):
        answer = await member.post(path, form, **{"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
    link = f"{path}/link"
    foreign = await member.post(link, {"code": "x"}, **{"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403


async def test_a_form_without_the_session_s_secret_is_refused(hall: Hall):
    member = await hall.member()
    answer = await member.post(
        f"/account/{hall.world.site.key}", {"do": "close_keep", "csrf": "forged"}
    )

    assert answer.status_code == 403
    assert hall.table("visitor_accounts")


async def test_an_account_of_one_site_opens_nothing_on_another(hall: Hall):
    from tests.ledgers import NewSite
    from tests.world import _wording

    world = hall.world
    other = await world.services.book.add(*NewSite("Other", ["o.test"], "UTC", _wording()))
    member = await hall.member()
    [(name, secret)] = member.client.cookies.items()
    there = hall.guest(other.key)
    there.client.cookies.set(name.replace(world.site.key, other.key), secret)
    await there.see()
    entered = await there.do("sign_in", email=EMAIL, password=PASSWORD)
    await member.do("link", email=EMAIL)
    link = hall.mail("sign_in")["link"].replace(world.site.key, other.key)
    opened = await there.open(link)

    assert entered.status_code == 401
    assert opened.status_code == 410
    assert not there.is_signed_in


@pytest.mark.parametrize("what", ["used", "expired", "unknown", "cut"])
async def test_a_link_that_does_not_hold_gets_one_clear_answer(hall: Hall, what: str):
    await hall.member()
    guest = hall.guest()
    await guest.do("link", email=EMAIL)
    link = hall.mail("sign_in")["link"]
    if what == "used":
        await hall.guest().open(link)
    if what == "expired":
        hall.world.clock.move(minutes=30)
    if what == "unknown":
        link = re.sub("code=[^&]*", "code=" + "A" * 43, link)
    if what == "cut":
        link = re.sub("code=(.{20})[^&]*", r"code=\1", link)
    answer = await guest.open(link)

    assert answer.status_code == 410
    assert "This link does not work" in plain(answer.text)
    assert not guest.is_signed_in


async def test_opening_a_link_does_nothing_and_is_kept_nowhere(hall: Hall):
    guest = hall.guest()
    await guest.do("register", email=EMAIL, new_password="")
    shown = await guest.client.get(hall.mail("confirm")["link"])
    again = await guest.client.head(hall.mail("confirm")["link"])

    assert shown.status_code == again.status_code == 200
    assert shown.headers["referrer-policy"] == "strict-origin"
    assert shown.headers["cache-control"] == "no-store"
    assert hall.table("account_sessions") == []
    code = re.search("code=([^&]*)", hall.mail("confirm")["link"])
    assert code
    assert len(code[1]) >= 43
    assert code[1].encode() not in b"".join(
        path.read_bytes() for path in hall.world.services.settings.data_folder.glob("ledger.db*")
    )


async def test_without_a_mail_server_no_account_is_offered(tmp_path, monkeypatch):
    async with open_hall(tmp_path, monkeypatch, smtp_url="") as hall:
        page = plain(await hall.guest().see())
        made = await hall.guest().do("register", email=EMAIL, new_password=PASSWORD)

    assert "Accounts are not offered at the moment" in page
    assert "Make an account" not in page
    assert made.status_code == 404


async def test_law_1_signing_in_records_nothing_and_the_tag_is_told_nothing(hall: Hall):
    before = await hall.world.rows()
    member = await hall.member()
    [cookie] = member.client.cookies.jar
    tag = await member.client.get(f"/wording/{hall.world.site.key}.json")

    assert await hall.world.rows() == before == []
    assert hall.table("consent_records") == []
    assert cookie.name == f"askfirst_account_{hall.world.site.key}"
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert EMAIL not in tag.text


async def test_law_5_withdrawing_and_erasing_need_no_sign_in(hall: Hall):
    browser = hall.world.browser()
    await browser.accept()
    await browser.send(a_view())
    await hall.member(token=browser.token)

    assert (await browser.withdraw()).status_code == 200
    assert (await browser.erase()).status_code == 200
    assert await hall.world.rows() == []


async def test_requirement_45_password_managers_and_paste_work_and_a_link_needs_no_memory(
    hall: Hall,
):
    page = await hall.guest().see()
    member = await hall.member()
    own = await member.see()

    for token in ("username", "current-password", "new-password", "email"):
        assert f'autocomplete="{token}"' in page + own
    assert "<script" not in page + own
    assert "onpaste" not in page + own
    assert 'autocomplete="off"' not in page + own
    assert "Send me a link" in plain(page)
