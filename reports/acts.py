"""What staff did, kept for the server's owner: who, what and when, and nothing of a visitor."""

from contextlib import nullcontext, suppress
from dataclasses import dataclass
from enum import StrEnum

import structlog
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.addresses import shortened_address
from askfirst.clock import DAY_MS, Clock
from askfirst.store.ledger import Ledger
from askfirst.store.tables import staff_acts

KEPT_MS = 365 * DAY_MS
FAILURES_SINGLY = 60
"""How many failed sign-ins of an hour are noted one by one; more than that only fill the disk."""
_HOUR_MS = 3_600_000

log = structlog.get_logger()


class Act(StrEnum):
    """What was done; the value is stored, and never changes its meaning."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_INS_FAILED = "sign_ins_failed"
    """What failed of an hour beyond those that are noted one by one, as a sum."""
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
    POLICY_PUBLISHED = "policy_published"
    VISITOR_EXPORTED = "visitor_exported"
    VISITOR_ERASED = "visitor_erased"
    RECORDS_EXPORTED = "records_exported"


@dataclass(frozen=True)
class Noted:
    """An act as it is kept: when (milliseconds, UTC), who, what, where, from which network."""

    id: int
    happened_at: int
    who: str
    act: str
    site_key: str
    network: str
    times: int


class StaffActs:
    """Notes acts in the ledger, and as a line of the log; durable when `note` returns."""

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
        """Note an act of an account (`who`, its email address), and of the address only a part.

        `within` is the transaction of the deed, where that is one of the ledger's: then there is
        neither without the other.
        """
        row = self._row(act, who, site_key, address)
        _tell(row)
        async with nullcontext(within) if within else self._ledger.write() as connection:
            await connection.execute(insert(staff_acts).values(row))

    async def note_failure(self, who: str, address: str) -> None:
        """Note a failed sign-in; `who` is '' where what was typed is no account's address.

        A ledger that cannot be written (a full disk) keeps nobody from the right answer.
        """
        row = self._row(Act.SIGN_IN_FAILED, who, "", address)
        with suppress(SQLAlchemyError):
            async with self._ledger.write() as connection:
                if await _failures(connection, self._hour()) < FAILURES_SINGLY:
                    _tell(row)
                    await connection.execute(insert(staff_acts).values(row))
                else:
                    await self._add_to_sum(connection)

    async def newest(self, number: int, before: int | None = None) -> list[Noted]:
        """Return acts, newest first: `number` of them, older than the act with the id `before`."""
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

    def _row(self, act: Act, who: str, site_key: str, address: str) -> dict[str, str | int]:
        return {
            "happened_at": self._clock(),
            "who": who[:254],
            "act": act.value,
            "site_key": site_key,
            "network": shortened_address(address),
        }

    def _hour(self) -> int:
        return self._clock() // _HOUR_MS * _HOUR_MS

    async def _add_to_sum(self, connection: AsyncConnection) -> None:
        of_hour = staff_acts.c.happened_at == self._hour()
        summed = update(staff_acts).where(of_hour, staff_acts.c.act == Act.SIGN_INS_FAILED)
        more = await connection.execute(summed.values(times=staff_acts.c.times + 1))
        if not more.rowcount:
            row = self._row(Act.SIGN_INS_FAILED, "", "", "") | {"happened_at": self._hour()}
            _tell(row)
            await connection.execute(insert(staff_acts).values(row))


async def _failures(connection: AsyncConnection, since: int) -> int:
    counted = select(func.count()).select_from(staff_acts)
    failed = (staff_acts.c.act == Act.SIGN_IN_FAILED) & (staff_acts.c.happened_at >= since)
    return int((await connection.execute(counted.where(failed))).scalar_one())


def _tell(row: dict[str, str | int]) -> None:
    facts = {name: row[name] for name in ("act", "who", "site_key", "network") if row[name]}
    log.info("staff_act", **facts)
