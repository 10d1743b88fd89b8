"""The link that stops a mail: it needs no account, names one mail, and cannot be guessed."""

import pytest

from reports.mail.stop import read_stop_token, stop_token
from reports.mail.subscriptions import Subscriptions
from tests.reports.garden import EMAIL, Garden

KEY = b"k" * 32


@pytest.mark.parametrize(
    "token", ["", "1", "1.", ".x", "1.forged", f"2{stop_token(KEY, 1)[1:]}", "1.ä", "1.\udcff"]
)
def test_a_forged_link_names_nothing(token: str) -> None:
    assert read_stop_token(KEY, token) is None


def test_a_link_names_its_mail_and_no_other_key_can_make_it() -> None:
    assert read_stop_token(KEY, stop_token(KEY, 41)) == 41
    assert read_stop_token(b"o" * 32, stop_token(KEY, 41)) is None


async def test_opening_the_link_stops_nothing_and_a_forged_one_is_unknown(garden: Garden) -> None:
    subscriptions = Subscriptions(garden.deps.ledger, garden.clock)
    async with garden.deps.ledger.write() as connection:
        await subscriptions.put(connection, garden.site.id, EMAIL, ["day"], (7, 3))
    (one,) = await subscriptions.every()
    path = f"/mail/stop/{stop_token(garden.deps.mail_key, one.id)}"
    browser = garden.client()
    shown = await browser.get(path)

    assert "Daily report, about Garden." in shown.text
    assert EMAIL not in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert await subscriptions.every() == [one]
    assert (await browser.post("/mail/stop/1.forged")).status_code == 404
    assert (await browser.get("/mail/stop/1.forged")).status_code == 404
    assert await subscriptions.every() == [one]
    assert "This mail is stopped" in (await browser.post(path)).text
    assert "This mail is stopped" in (await browser.post(path)).text
    assert await subscriptions.every() == []
