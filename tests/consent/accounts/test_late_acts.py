"""An act that is under way while all access ends stores nothing, whatever it is."""

from typing import Any

import pytest
from sqlalchemy import update
from starlette.requests import Request

from askfirst.sites import Site
from askfirst.store.ledger.accounts.fields import AskedField, ask
from askfirst.store.ledger.tables import visitor_accounts
from consent.accounts.access import Access
from consent.accounts.sessions import AccountSessions, SignedIn
from tests.consent.accounts.hall import EMAIL, PASSWORD, Guest, Hall, visited, visitor_of

KEPT = ("account_browsers", "account_fields", "account_messages", "account_links", "erasures")


class Late:
    """Ends all access right after a session was read, and counts how often."""

    def __init__(self, hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
        reading, owner = AccountSessions.signed_in, hall.owner(EMAIL)
        self.is_on, self.times = False, 0

        async def late(
            own: AccountSessions, request: Request, site: Site, **how: Any
        ) -> SignedIn | None:
            signed = await reading(own, request, site, **how)
            if self.is_on and signed:
                self.is_on, self.times = False, self.times + 1
                await Access(hall.deps).end(site, [], owner, "visitor")
            return signed

        monkeypatch.setattr(AccountSessions, "signed_in", late)


async def opened_again(hall: Hall) -> Guest:
    """Return a guest with a new session, as after a new password."""
    async with hall.world.services.ledger.write() as connection:
        await connection.execute(update(visitor_accounts).values(needs_password=0))
    guest = hall.guest()
    await guest.do("sign_in", email=EMAIL, password=PASSWORD)
    assert guest.is_signed_in
    return guest


async def test_no_act_of_a_member_is_carried_out_after_access_has_ended(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
):
    mine, other = await visited(hall), await visited(hall)
    await hall.member(token=mine.token)
    async with hall.world.services.ledger.write() as connection:
        await ask(connection, hall.world.site.id, [AskedField("name", "To greet you")])
    late = Late(hall, monkeypatch)
    acts: list[tuple[str, str, dict[str, str]]] = [
        ("", "join", {"token": other.token}),
        ("", "part", {"browser": visitor_of(hall, mine)}),
        ("", "move", {"email": "thief@example.net"}),
        ("", "password", {"password": PASSWORD, "new_password": "nine green lamps in rain"}),
        ("", "close_keep", {}),
        ("", "close_erase", {}),
        ("", "sign_out_all", {}),
        ("/fields", "save", {"name": "Mallory"}),
        ("/messages", "save", {"policy": "on"}),
    ]
    before = {name: hall.table(name) for name in KEPT}
    [account] = hall.table("visitor_accounts")
    events = len(await hall.world.rows())
    for path, do, fields in acts:
        member = await opened_again(hall)
        await member.see(path)
        hall.mails.clear()
        late.is_on = True
        answer = await member.do(do, path=path, **fields)
        assert answer.status_code == 200, do
        assert not member.is_signed_in, do
        assert hall.sent == ["ended"], do
        assert {name: hall.table(name) for name in KEPT} == before, do
        [now] = hall.table("visitor_accounts")
        for column in ("email_hash", "password_hash"):
            assert now[column] == account[column], do
    assert late.times == len(acts)
    assert len(await hall.world.rows()) == events
