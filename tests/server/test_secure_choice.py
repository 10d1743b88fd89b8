"""The choice cookie is Secure wherever the browser came by https, also behind an unnamed proxy."""

from pathlib import Path

import pytest

from tests.world import open_world

HTTPS, HTTP = "https://example.org", "http://example.org"


@pytest.mark.parametrize(
    ("public_url", "origin", "secure"),
    [
        ("https://ask.example.org", HTTPS, True),
        ("https://ask.example.org", HTTP, True),
        ("", HTTPS, True),
        ("http://ask.example.org", HTTPS, True),
        ("", HTTP, False),
        ("http://ask.example.org", HTTP, False),
    ],
)
async def test_law_4_the_choice_is_secure_behind_a_proxy_and_every_no_the_same(
    tmp_path: Path, public_url: str, origin: str, secure: bool
) -> None:
    async with open_world(tmp_path, public_url=public_url) as world:
        cookies = []
        for _ in range(2):
            browser = world.browser()
            browser.headers |= {"Origin": origin, "Host": "ask.example.org"}
            answer = await browser.refuse()
            assert answer.status_code == 200, answer.text
            cookies.append(answer.headers["set-cookie"])
            world.clock.move(minutes=1)

        accepted = await browser.accept()

    assert cookies[0] == cookies[1]
    assert cookies[0].startswith("askfirst_")
    assert "=no; " in cookies[0]
    assert "Domain=example.org" in cookies[0]
    assert [("; Secure" in one) for one in (cookies[0], accepted.headers["set-cookie"])] == [
        secure,
        secure,
    ]


@pytest.mark.parametrize(("public_url", "secure"), [("https://ask.example.org", True), ("", False)])
async def test_the_choice_of_the_page_without_javascript_is_secure_too(
    tmp_path: Path, public_url: str, secure: bool
) -> None:
    async with open_world(tmp_path, hosts=("ask.example.org",), public_url=public_url) as world:
        headers = {"Origin": "http://ask.example.org", "Host": "ask.example.org"}
        path = f"/choice/{world.site.key}"
        answer = await world.client.post(path, data={"choice": "refuse"}, headers=headers)

    assert answer.status_code == 200, answer.text
    assert ("; Secure" in answer.headers["set-cookie"]) is secure
