"""Links that mails carry: each does one thing once, within its time, for one account."""

import json
import secrets
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.sign_in.secret_hash import secret_hash
from askfirst.sites import Site
from askfirst.store.ledger.tables import account_links, visitor_accounts
from askfirst.system.sealing import NotSealedHere
from consent.accounts.mailing.kinds import CONFIRM_MS, LINK_MS
from consent.dependencies import Dependencies

What = Literal["confirm", "sign_in", "password", "old_email", "new_email"]
_TABLE = account_links.c


@dataclass(frozen=True)
class Detail:
    """What a link knows beyond its account, sealed in the ledger.

    `password_hash` and `visitor_id` are what was posted along when the link was asked for (that
    browser joins only where it also presses the link); `email`
    is the address to which an account moves, and `other` whether the other end agreed already.
    """

    password_hash: str = ""
    visitor_id: str = ""
    email: str = ""
    other: bool = False


@dataclass(frozen=True)
class Link:
    """A link that holds: nobody has used it, and its time is not over."""

    code_hash: bytes
    account_id: str
    what: What
    detail: Detail


class AccountLinks:
    """Makes, reads and ends links; the ledger keeps the hash of a code alone."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    async def add(
        self,
        connection: AsyncConnection,
        account_id: str,
        what: What,
        detail: Detail = Detail(),
    ) -> str:
        """Make a link within a transaction and return its code, of 256 random bits."""
        code, now = secrets.token_urlsafe(32), self._deps.clock()
        row = {
            "code_hash": secret_hash(code),
            "account_id": account_id,
            "what": what,
            "detail": self._sealed(account_id, detail),
            "created_at": now,
            "expires_at": now + (CONFIRM_MS if what == "confirm" else LINK_MS),
        }
        await connection.execute(insert(account_links).values(row))
        return code

    def address(self, site: Site, code: str, language: str) -> str:
        """Return the address of the page that a code opens, as mails carry it."""
        base = self._deps.settings.public_url.rstrip("/")
        return f"{base}/account/{site.key}/link?{urlencode({'code': code, 'lang': language})}"

    async def read(self, connection: AsyncConnection, site: Site, code: str) -> Link | None:
        """Return what a code does, or None where it is used, too old, or not of this site."""
        joined = account_links.join(visitor_accounts, visitor_accounts.c.id == _TABLE.account_id)
        good = (_TABLE.code_hash == secret_hash(code)) & (_TABLE.expires_at > self._deps.clock())
        asked = select(account_links).select_from(joined).where(good)
        asked = asked.where(visitor_accounts.c.site_id == site.id)
        row = (await connection.execute(asked)).first()
        if row is None:
            return None
        try:
            opened = self._deps.sealing.open(row.detail, _place(row.account_id))
        except NotSealedHere:  # the seed was replaced: `askfirst check` tells of it
            return None
        return Link(row.code_hash, row.account_id, row.what, Detail(**json.loads(opened)))

    async def use(self, connection: AsyncConnection, link: Link) -> bool:
        """End a link within a transaction; False where somebody was quicker."""
        mine = delete(account_links).where(_TABLE.code_hash == link.code_hash)
        return (await connection.execute(mine)).rowcount == 1

    async def other_end(self, connection: AsyncConnection, link: Link) -> bool:
        """Note at the link of the other end that this end agreed; False where there is none."""
        theirs = (_TABLE.account_id == link.account_id) & _TABLE.what.in_(
            ["old_email", "new_email"]
        )
        living = theirs & (_TABLE.expires_at > self._deps.clock())
        agreed = self._sealed(link.account_id, Detail(email=link.detail.email, other=True))
        noted = update(account_links).where(living & (_TABLE.code_hash != link.code_hash))
        return (await connection.execute(noted.values(detail=agreed))).rowcount == 1

    async def end_all(self, connection: AsyncConnection, account_id: str, *what: What) -> None:
        """End the links of an account within a transaction: those that do `what`, else all."""
        theirs = _TABLE.account_id == account_id
        chosen = theirs & _TABLE.what.in_(what) if what else theirs
        await connection.execute(delete(account_links).where(chosen))

    def _sealed(self, account_id: str, detail: Detail) -> bytes:
        return self._deps.sealing.seal(json.dumps(detail.__dict__), _place(account_id))


def _place(account_id: str) -> str:
    return f"account_links.detail:{account_id}"
