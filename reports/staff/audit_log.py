"""The audit log of staff: who did what and when, without anything about visitors."""

from contextlib import nullcontext, suppress
from dataclasses import dataclass
from enum import StrEnum

import structlog
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import DAY_MS, Clock
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import staff_acts
from askfirst.web.ip_addresses import shortened_address

KEPT_MS = 365 * DAY_MS
FAILURES_SINGLY = 60
"""How many failures an hour are noted one by one, for each kind and account, and for no account;
more would only fill the disk."""
NETWORKS_SINGLY = 20
"""For how many networks the failures beyond that are summed each hour; the rest is one sum."""
_HOUR_MS = 3_600_000

log = structlog.get_logger()


class Act(StrEnum):
    """What was done; the value is stored and never changes its meaning."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_INS_FAILED = "sign_ins_failed"
    """Failures of an hour beyond those that are noted one by one, as a sum by network."""
    PASSWORD_WRONG = "password_wrong"  # noqa: S105 - an act's name, not a secret
    """On the account's own page, where the password is asked for once more."""
    PASSWORDS_WRONG = "passwords_wrong"
    CODE_WRONG = "code_wrong"
    """A one-time code that does not exist, or not any more."""
    CODES_WRONG = "codes_wrong"
    SIGNED_OUT = "signed_out"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - an act's name, not a secret
    EMAIL_CHANGED = "email_changed"
    SESSIONS_ENDED = "sessions_ended"
    RESET_LINK_MADE = "reset_link_made"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - an act's name, not a secret
    OWNER_CREATED = "owner_created"
    SITE_ADDED = "site_added"
    SITE_CHANGED = "site_changed"
    SITE_DELETED = "site_deleted"
    API_KEY_MADE = "api_key_made"
    API_KEY_REVOKED = "api_key_revoked"
    API_KEY_OFF = "api_key_off"
    API_KEY_ON = "api_key_on"
    GOAL_ADDED = "goal_added"
    GOAL_CHANGED = "goal_changed"
    GOAL_DELETED = "goal_deleted"
    FUNNEL_ADDED = "funnel_added"
    FUNNEL_CHANGED = "funnel_changed"
    FUNNEL_DELETED = "funnel_deleted"
    SEGMENT_KEPT = "segment_kept"
    SEGMENT_DELETED = "segment_deleted"
    NOTE_KEPT = "note_kept"
    NOTE_DELETED = "note_deleted"
    SHARE_LINK_MADE = "share_link_made"
    SHARE_LINK_REVOKED = "share_link_revoked"
    MAIL_CHANGED = "mail_changed"
    POLICY_PUBLISHED = "policy_published"
    VISITOR_EXPORTED = "visitor_exported"
    VISITOR_ERASED = "visitor_erased"
    ACCESS_ENDED = "access_ended"
    """Of a visitor, as something was lost or stolen."""
    REQUEST_NOTED = "request_noted"
    REQUEST_CHANGED = "request_changed"
    DISCLOSURE_ENTERED = "disclosure_entered"
    RECORDS_EXPORTED = "records_exported"
    ACCOUNTS_CHANGED = "accounts_changed"
    """What visitors with an account are asked, and which messages they are offered."""
    ACCOUNT_OPENED = "account_opened"
    ADDRESSES_EXPORTED = "addresses_exported"
    EVENTS_EXPORTED = "events_exported"


SUMS = {
    Act.SIGN_IN_FAILED: Act.SIGN_INS_FAILED,
    Act.PASSWORD_WRONG: Act.PASSWORDS_WRONG,
    Act.CODE_WRONG: Act.CODES_WRONG,
}
"""What can fail, and the act under which many failures are summed."""
_Row = dict[str, str | int]


@dataclass(frozen=True)
class Noted:
    """An act as it is stored: when (milliseconds, UTC), who, what, which site, which network."""

    id: int
    happened_at: int
    who: str
    act: str
    site_key: str
    network: str
    times: int


class StaffActs:
    """Stores acts in the ledger, and logs each as a line; durable when `note` returns."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def note(
        self,
        act: Act,
        who: str,
        site_key: str = "",
        address: str = "",
        within: AsyncConnection | None = None,
    ) -> None:
        """Store an act of an account (`who`, its email address) with a part of the IP address.

        `within` is the transaction of the act, where it changes the ledger: then there is neither
        without the other.
        """
        row = self._row(act, who, site_key, address)
        _log(row)
        async with nullcontext(within) if within else self._ledger.write() as connection:
            await connection.execute(insert(staff_acts).values(row))

    async def note_failure(self, who: str, address: str, act: Act = Act.SIGN_IN_FAILED) -> None:
        """Store a failure; `who` is '' where what was typed is no account's address.

        Failures are counted for each account, and together for those without one: many invented
        addresses cannot hide a try at an account. Where the ledger cannot be written (a full disk),
        nothing is raised.
        """
        row = self._row(act, who, "", address)
        with suppress(SQLAlchemyError):
            async with self._ledger.write() as connection:
                if await _number(connection, row, self._hour()) < FAILURES_SINGLY:
                    _log(row)
                    await connection.execute(insert(staff_acts).values(row))
                else:
                    await self._add_to_sum(connection, row | {"act": SUMS[act]})

    async def newest(self, number: int, before: int | None = None) -> list[Noted]:
        """Return `number` acts, newest first, older than the act with the id `before`."""
        found = select(*(staff_acts.c[name] for name in Noted.__dataclass_fields__))
        if before is not None:
            found = found.where(staff_acts.c.id < before)
        async with self._ledger.read() as connection:
            rows = await connection.execute(found.order_by(staff_acts.c.id.desc()).limit(number))
            return [Noted(*row) for row in rows]

    async def forget(self) -> None:
        """Delete what is older than a year."""
        old = staff_acts.c.happened_at < self._clock() - KEPT_MS
        async with self._ledger.write() as connection:
            await connection.execute(delete(staff_acts).where(old))

    def _row(self, act: Act, who: str, site_key: str, address: str) -> _Row:
        return {
            "happened_at": self._clock(),
            "who": who[:254],
            "act": act.value,
            "site_key": site_key,
            "network": shortened_address(address),
        }

    def _hour(self) -> int:
        return self._clock() // _HOUR_MS * _HOUR_MS

    async def _add_to_sum(self, connection: AsyncConnection, row: _Row) -> None:
        """Count a failure by account and network of this hour; beyond some networks together."""
        sum_ = row | {"happened_at": self._hour()}
        if await _one_more(connection, sum_):
            return
        if await _number(connection, sum_, self._hour()) >= NETWORKS_SINGLY:
            sum_["network"] = ""
            if await _one_more(connection, sum_):
                return
        _log(sum_)
        await connection.execute(insert(staff_acts).values(sum_))


async def _number(connection: AsyncConnection, row: _Row, since: int) -> int:
    """Count the rows of the same act and account since a time."""
    same = (staff_acts.c.act == row["act"]) & (staff_acts.c.who == row["who"])
    counted = select(func.count()).select_from(staff_acts)
    found = counted.where(staff_acts.c.happened_at >= since, same)
    return int((await connection.execute(found)).scalar_one())


async def _one_more(connection: AsyncConnection, sum_: _Row) -> bool:
    """Add one to a sum; False where there is no such sum."""
    same = [staff_acts.c[name] == value for name, value in sum_.items()]
    more = update(staff_acts).where(*same).values(times=staff_acts.c.times + 1)
    return (await connection.execute(more)).rowcount > 0


def _log(row: _Row) -> None:
    facts = {name: row[name] for name in ("act", "who", "site_key", "network") if row[name]}
    log.info("staff_act", **facts)
