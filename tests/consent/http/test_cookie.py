"""Sites of one domain, or of one host, keep a choice each; older choices still hold."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from askfirst.clock import DAY_MS
from askfirst.consents import Claims, Tokens
from askfirst.sites import Site
from consent.http.cookie import NO, OLDER_NAME, ChoiceCookie, cookie_name
from consent.policy.drafts import content_of, draft_of
from consent.policy.wording import default_policy
from tests.consent.form_fields import forms_of
from tests.factories import a_view
from tests.world import Browser, World, open_world

HOST = "visits.example.org"
TOKENS = Tokens([b"a key of a test"])
STRANGERS = Tokens([b"another server's key"])


@dataclass
class Two:
    """A server with two sites of one domain, and a browser that keeps cookies."""

    world: World
    www: Site
    shop: Site

    def before(self, site: Site, host: str) -> Browser:
        """Return the browser on a page of a site."""
        browser = Browser(self.world.client, site)
        browser.headers |= {"Origin": f"https://{host}", "Host": HOST}
        return browser

    @property
    def on_www(self) -> Browser:
        return self.before(self.www, "www.example.org")

    @property
    def on_shop(self) -> Browser:
        return self.before(self.shop, "shop.example.org")

    async def state(self, site: Site, cookie: str) -> str:
        """Return what the form page says of a choice."""
        headers = {"Cookie": cookie, "Host": HOST}
        page = await self.world.client.get(f"/choice/{site.key}", headers=headers)
        assert page.status_code == 200
        return re.findall(r'data-state="(\w+)"', page.text)[0]

    async def has_receipt(self, site: Site, cookie: str) -> bool:
        headers = {"Cookie": cookie, "Host": HOST}
        page = await self.world.client.get(f"/receipt/{site.key}", headers=headers)
        assert page.status_code == 200
        return "Number of the record" in page.text

    async def states(self, cookie: str) -> tuple[str, str]:
        return await self.state(self.www, cookie), await self.state(self.shop, cookie)


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Two]:
    async with open_world(tmp_path, hosts=("www.example.org",)) as world:
        content = default_policy("Shop", "Example Ltd", "privacy@example.org", "")
        shop = await world.services.book.add("Shop", ("shop.example.org",), "UTC", content)
        yield Two(world, world.site, shop)


async def accepted(browser: Browser) -> str:
    answer = await browser.accept()
    assert answer.status_code == 200, answer.text
    browser.client.cookies.clear()
    return str(answer.json()["token"])


def set_by(answer: Any) -> dict[str, str]:
    """Return the cookies that an answer sets, value by name."""
    found = (
        line.partition(";")[0].partition("=") for line in answer.headers.get_list("set-cookie")
    )
    return {name: value for name, _, value in found}


async def test_each_site_of_a_domain_has_a_cookie_of_its_own(two: Two) -> None:
    yes = await two.on_www.accept()
    no = await two.on_shop.refuse()
    assert set_by(yes) == {cookie_name(two.www.key): yes.json()["token"]}
    assert set_by(no) == {cookie_name(two.shop.key): NO}
    for answer in (yes, no):
        assert "; Domain=example.org;" in answer.headers["set-cookie"]


@pytest.mark.parametrize("first", ["yes", "no", "none"])
@pytest.mark.parametrize("second", ["yes", "no", "none"])
async def test_law_2_each_page_of_a_site_reads_its_own_choice_alone(
    two: Two, first: str, second: str
) -> None:
    """Every mixture of yes and no, on the page of the choice and that of the receipt."""
    lines = []
    for word, site, browser in (
        (first, two.www, two.on_www),
        (second, two.shop, two.on_shop),
    ):
        if word != "none":
            value = await accepted(browser) if word == "yes" else NO
            lines.append(f"{cookie_name(site.key)}={value}")
    cookie = "; ".join(lines)
    names = {"yes": "granted", "no": "refused", "none": "none"}
    assert await two.states(cookie) == (names[first], names[second])
    assert await two.has_receipt(two.www, cookie) is (first == "yes")
    assert await two.has_receipt(two.shop, cookie) is (second == "yes")


async def test_law_5_withdrawing_at_one_site_leaves_the_other_as_it_was(two: Two) -> None:
    www, shop = two.on_www, two.on_shop
    token, other = await accepted(www), await accepted(shop)
    cookie = f"{cookie_name(two.www.key)}={token}; {cookie_name(two.shop.key)}={other}"
    wish = {"site": two.www.key, "choice": "withdraw", "token": token}
    answer = await www.post("/consent", wish, Cookie=cookie)
    assert set_by(answer) == {cookie_name(two.www.key): NO}
    assert (await www.send(a_view())).json()["error"]["code"] == "withdrawn"
    assert (await shop.send(a_view(url="https://shop.example.org/"))).status_code == 202


async def test_law_2_another_sites_cookie_is_neither_refused_nor_cleared(two: Two) -> None:
    """The cookie of one site is sent with choices of the other; nothing is tallied for it."""
    foreign = f"{cookie_name(two.shop.key)}={await accepted(two.on_shop)}"
    www = two.on_www
    asked = await www.wording()
    yes = {"purposes": ["statistics"], "version": asked["version"], "notice": asked["hash"]}
    for wish in ({"choice": "refuse"}, {"choice": "accept", "language": "en", **yes}):
        answer = await www.post("/consent", {"site": two.www.key, **wish}, Cookie=foreign)
        assert answer.status_code == 200
        assert list(set_by(answer)) == [cookie_name(two.www.key)]
    assert "other_site" not in await two.world.tally()


async def test_law_4_all_who_refuse_a_site_keep_the_same_bytes_whatever_they_chose_elsewhere(
    two: Two,
) -> None:
    tokens = [await accepted(two.on_shop), await accepted(two.on_www)]
    names = [cookie_name(two.shop.key), OLDER_NAME]
    kept = set()
    for cookie in ("", *(f"{name}={value}" for name in names for value in (*tokens, NO))):
        answer = await two.on_www.post(
            "/consent", {"site": two.www.key, "choice": "refuse"}, Cookie=cookie
        )
        lines = answer.headers.get_list("set-cookie")
        kept |= {line for line in lines if not line.startswith(f"{OLDER_NAME}=")}
        two.world.client.cookies.clear()
    assert len(kept) == 1


async def test_a_yes_of_before_serves_the_site_that_it_was_given_to_and_no_other(two: Two) -> None:
    cookie = f"{OLDER_NAME}={await accepted(two.on_www)}"
    assert await two.states(cookie) == ("granted", "none")
    assert await two.has_receipt(two.www, cookie)
    assert not await two.has_receipt(two.shop, cookie)


async def test_law_4_a_no_of_before_is_one_for_every_site_without_a_choice_of_its_own(
    two: Two,
) -> None:
    assert await two.states(f"{OLDER_NAME}=no") == ("refused", "refused")
    own = f"{cookie_name(two.shop.key)}={await accepted(two.on_shop)}"
    assert await two.states(f"{OLDER_NAME}=no; {own}") == ("refused", "granted")


async def test_a_new_choice_uses_up_the_cookie_of_before_only_where_it_was_its_own(
    two: Two,
) -> None:
    """An older cookie that another site, or all sites without a choice, still use is left alone."""
    mine, foreign = await accepted(two.on_www), await accepted(two.on_shop)
    wish = {"site": two.www.key, "choice": "refuse"}
    gone: dict[str, list[str]] = {}
    for older in (mine, foreign, NO, "junk"):
        answer = await two.on_www.post("/consent", wish, Cookie=f"{OLDER_NAME}={older}")
        assert set_by(answer)[cookie_name(two.www.key)] == NO
        lines = answer.headers.get_list("set-cookie")
        gone[older] = [line for line in lines if line.startswith(f"{OLDER_NAME}=")]
        two.world.client.cookies.clear()
    assert [older for older, lines in gone.items() if lines] == [mine]
    (line,) = gone[mine]
    assert "; Domain=example.org;" in line
    assert "expires=Thu, 01 Jan 1970 00:00:00 GMT" in line


async def test_a_yes_of_before_is_taken_back_and_erased_by_the_form(two: Two) -> None:
    token = await accepted(two.on_www)
    headers = {"Cookie": f"{OLDER_NAME}={token}", "Host": HOST, "Origin": f"http://{HOST}"}
    page = await two.world.client.get(f"/choice/{two.www.key}", headers=headers)
    action, fields = forms_of(page.text)["withdraw"]
    data = {**fields, "choice": "withdraw", "token": ""}
    answer = await two.world.client.post(action, data=data, headers=headers)
    assert re.findall(r'data-state="(\w+)"', answer.text) == ["withdrawn"]
    assert set_by(answer) == {cookie_name(two.www.key): NO, OLDER_NAME: '""'}
    (record,) = [claims for claims in [two.world.services.tokens.read(token)] if claims is not None]
    assert record.consent_id in two.world.services.withdrawn


def reworded(two: Two) -> dict[str, Any]:
    """Return the policy of a site as it is, to be published anew."""
    draft = draft_of(two.world.services.book.policy(two.www).content)
    return content_of(draft)


async def test_a_renewal_by_the_form_follows_the_yes_of_before(two: Two) -> None:
    """One person stays one visitor when the choice moves to another cookie."""
    token = await accepted(two.on_www)
    headers = {"Cookie": f"{OLDER_NAME}={token}", "Host": HOST, "Origin": f"http://{HOST}"}
    await two.world.services.book.publish(two.www, reworded(two), asks_again=True)
    page = await two.world.client.get(f"/choice/{two.www.key}", headers=headers)
    action, fields = forms_of(page.text)["accept_all"]
    answer = await two.world.client.post(
        action, data={**fields, "choice": "accept_all"}, headers=headers
    )
    renewed = set_by(answer)[cookie_name(two.www.key)]
    read = two.world.services.tokens.read
    older, newer = read(token), read(renewed)
    assert older is not None
    assert newer is not None
    assert newer.visitor_id == older.visitor_id


async def test_the_manifest_and_the_policy_name_the_sites_own_cookie(two: Two) -> None:
    for site in (two.www, two.shop):
        manifest = (await two.world.client.get(f"/manifest/{site.key}.json")).json()
        assert manifest["cookie"]["name"] == cookie_name(site.key)
        assert manifest["site_number"] == site.id
        policy = await two.world.client.get(f"/policy/{site.key}")
        assert f"one cookie named {cookie_name(site.key)}." in policy.text


KEYS = ("ab", "abc", "abcd0123", "b")  # one begins like another
SITES = [
    Site(
        id=number,
        key=key,
        name=key,
        hosts=("example.org",),
        time_zone="UTC",
        ip_mode="whole",
        policy_version=1,
        min_policy_version=1,
    )
    for number, key in enumerate(KEYS, start=1)
]


def token_of(site: Site, tokens: Tokens = TOKENS) -> str:
    claims = Claims(
        site_id=site.id,
        visitor_id="visitor",
        consent_id=f"consent{site.id}",
        policy_version=1,
        purposes=("statistics",),
        given_at=0,
        valid_until=DAY_MS,
    )
    return tokens.sign(claims)


names = st.sampled_from([OLDER_NAME, *map(cookie_name, KEYS), "askfirst_", "askfirs", "basket"])
texts = st.text(st.characters(codec="latin-1", exclude_characters=";"), max_size=12)
values = (
    st.just(NO)
    | st.sampled_from(SITES).map(token_of)
    | st.sampled_from(SITES).map(lambda site: token_of(site, STRANGERS))
    | texts
)


def read_at(site: Site, pairs: list[tuple[str, str]], split: bool = False) -> str:
    lines = [f"{name}={value}" for name, value in pairs]
    headers = lines if split else ["; ".join(lines)]
    raw = [(b"cookie", line.encode("latin-1")) for line in headers]
    return ChoiceCookie(site, TOKENS).read(Request({"type": "http", "headers": raw}))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.lists(st.tuples(names, values), max_size=8), split=st.booleans())
def test_law_2_of_any_cookies_a_site_reads_only_its_own_choice(
    pairs: list[tuple[str, str]], split: bool
) -> None:
    """A no to this site or to all, a token that this server signed for this site, or nothing."""
    for site in SITES:
        read = read_at(site, pairs, split)
        own = [value for name, value in pairs if name == cookie_name(site.key) and value.strip()]
        older = [value for name, value in pairs if name == OLDER_NAME]
        held = [value.strip() for value in own or older]
        assert read in ("", NO, token_of(site))
        assert (read == NO) is (NO in held)
        assert not read or read in held
        assert read or (NO not in held and token_of(site) not in held)


@given(pairs=st.lists(st.tuples(names, values), max_size=8), value=values)
def test_law_4_what_another_site_keeps_changes_nothing_here(
    pairs: list[tuple[str, str]], value: str
) -> None:
    for site in SITES:
        for other in SITES:
            if other is not site:
                more = [*pairs, (cookie_name(other.key), value)]
                assert read_at(site, more) == read_at(site, pairs)
