"""Decisions made after a backup, which name no visitor, such as withdrawals and erasures."""

import asyncio
import re
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.consents import Claims
from askfirst.errors import Misconfigured
from askfirst.store.ledger.database import Ledger, has_column
from askfirst.store.ledger.erasure_receipts import SPAN, VISIT, receipt_id_of
from askfirst.store.ledger.tables import consent_records, erasures, sites, withdrawals
from askfirst.system.durable_files import open_regular
from consent.proof.records import OPEN_STATES
from consent.rights.withdrawal import Withdrawals
from server.backups.counted_lines import Counted, counted
from server.backups.decision_words import NUMBER, TIME
from server.backups.erased_parts import (
    ErasedSpan,
    erase_parts,
    erase_spans_until,
    erase_visits,
    visitors_of_visits,
)
from server.backups.later_access_ends import (
    AccessEnded,
    access_ended_of,
    end_again,
    ended_in,
)
from server.backups.later_account_changes import (
    AccountChange,
    account_change_of,
    account_changes_in,
    change_accounts,
    close_accounts,
)
from server.backups.later_corrections import (
    Corrected,
    correct_again,
    corrected_in,
    correction_of,
    detached_and_erased,
)
from server.backups.later_restrictions import (
    Restricted,
    hold,
    hold_again,
    restricted_in,
    restriction_line,
    restriction_of,
)
from server.checks.folder_access import enter
from server.services import Services

METHOD = "restore"


@dataclass(frozen=True)
class Decisions:
    """The receipt numbers of erasures, the consents withdrawn with their time in ms, and sites.

    `deleted` holds the keys of the sites that were deleted. `visits` and `spans` are erasures of
    parts. `restricted` has the last restriction of each visitor who has one, `corrected` every
    correction, `access_ended` the visitors and accounts whose access was ended, as something was
    lost or stolen, `account_changes` what was taken out of accounts, and which moved.
    """

    erased: frozenset[str]
    withdrawn: dict[str, int]
    deleted: frozenset[str] = frozenset()
    visits: frozenset[str] = frozenset()
    spans: frozenset[ErasedSpan] = frozenset()
    restricted: dict[str, Restricted] = field(default_factory=dict)
    corrected: frozenset[Corrected] = frozenset()
    access_ended: frozenset[AccessEnded] = frozenset()
    account_changes: frozenset[AccountChange] = frozenset()

    def text(self) -> str:
        """Return the list as text, one decision a line, between two comments with their number."""
        lines = [f"erased {receipt}" for receipt in sorted(self.erased)]
        lines += [f"erased-visit {receipt}" for receipt in sorted(self.visits)]
        lines += [" ".join(map(str, ("erased-span", *span))) for span in sorted(self.spans)]
        lines += [f"deleted {key}" for key in sorted(self.deleted)]
        lines += [f"withdrawn {consent} {at}" for consent, at in self.withdrawn.items()]
        lines += [restriction_line(*one) for one in sorted(self.restricted.items())]
        lines += [one.line() for one in sorted(self.corrected)]
        lines += [one.line() for one in sorted(self.access_ended)]
        lines += sorted(one.line() for one in self.account_changes)
        return "".join(f"{line}\n" for line in counted(lines))


NONE = Decisions(frozenset(), {})
_MARK = b"\xef\xbb\xbf"  # which some editors write before UTF-8, and joining leaves inside
_SITE_KEY = re.compile(r"[0-9a-f]{16}")
_MS = re.compile(r"0|[1-9][0-9]{0,13}")  # milliseconds since the epoch, see `TimeSpan`


def read_decisions(source: Path) -> Decisions:
    """Read the decisions of a data folder, of a ledger's file or of a list written before.

    A server may be running on the ledger. Raises `Misconfigured`.
    """
    path = enter(source) if source.is_dir() else source
    if not path.is_file():
        raise Misconfigured(f"There is no file {path}.")
    try:
        if path.suffix == ".db":
            return asyncio.run(_of_ledger(path))
        with open_regular(path) as file:
            return _of_text(file.read(), path)
    except (OSError, ValueError, SQLAlchemyError) as error:
        raise Misconfigured(f"The decisions in {path} cannot be read.") from error


def _of_text(content: bytes, path: Path) -> Decisions:
    """Read a list, one decision a line; blank lines and whatever follows a `#` are ignored.

    Two comments mark the beginning and the end of a list and say how many decisions it has; lists
    of older versions lack them. Lists may be joined: of two withdrawals of one consent the earlier
    one counts. Raises `Misconfigured` with the number of the first line that is no decision, or for
    an incomplete list, so that no list is carried out in part.
    """
    found, counted = _Found(), Counted(path)
    for number, line in enumerate(content.split(b"\n"), 1):
        words, is_comment, comment = line.removeprefix(_MARK).partition(b"#")
        if is_comment:
            counted.comment(comment.strip(), number)
        if words.strip():
            counted.decision()
            found.add(words, number, path)
    counted.end()
    return found.decisions()


@dataclass
class _Found:
    """The decisions that were read so far."""

    erased: set[str] = field(default_factory=set)
    withdrawn: dict[str, int] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    restricted: dict[str, Restricted] = field(default_factory=dict)
    visits: set[str] = field(default_factory=set)
    spans: set[ErasedSpan] = field(default_factory=set)
    corrected: set[Corrected] = field(default_factory=set)
    access_ended: set[AccessEnded] = field(default_factory=set)
    account_changes: set[AccountChange] = field(default_factory=set)

    def decisions(self) -> Decisions:
        return Decisions(
            erased=frozenset(self.erased),
            withdrawn=self.withdrawn,
            deleted=frozenset(self.deleted),
            visits=frozenset(self.visits),
            spans=frozenset(self.spans),
            restricted=self.restricted,
            corrected=frozenset(self.corrected),
            access_ended=frozenset(self.access_ended),
            account_changes=frozenset(self.account_changes),
        )

    def add(self, line: bytes, number: int, path: Path) -> None:
        """Add the decision of a line; raises `Misconfigured` where it is none."""
        words = line.decode("ascii", "replace").split()
        if self._add_right(words):
            return
        match words:
            case ["erased", receipt] if NUMBER.fullmatch(receipt):
                self.erased.add(receipt)
            case ["deleted", key] if _SITE_KEY.fullmatch(key):
                self.deleted.add(key)
            case ["erased-visit", receipt] if NUMBER.fullmatch(receipt):
                self.visits.add(receipt)
            case ["erased-span", receipt, *times] if _is_span(receipt, times):
                self.spans.add(ErasedSpan(receipt, *map(int, times)))
            case ["withdrawn", consent, at] if NUMBER.fullmatch(consent) and TIME.fullmatch(at):
                self.withdrawn[consent] = min(int(at), self.withdrawn.get(consent, int(at)))
            case _:
                raise Misconfigured(
                    f"Line {number} of {path} is no decision: neither `erased NUMBER`,"
                    " `erased-visit NUMBER`, `erased-span NUMBER FIRST UNTIL TIME`,"
                    " `withdrawn NUMBER TIME`, `restricted NUMBER TIME`, `lifted NUMBER TIME TIME`,"
                    " `corrected NUMBER TIME NUMBER KIND VALUE NUMBER`,"
                    " `access-ended NUMBER TIME WHO`, `taken-out NUMBER TIME`,"
                    " `moved NUMBER TIME HASH SEALED` nor `deleted KEY`. Nothing was done."
                )

    def _add_right(self, words: list[str]) -> bool:
        """Add a restriction, a correction, an end of access, or a change of an account.

        Return whether it was one of these.
        """
        match words:
            case ["restricted" | "lifted", *_] if held := restriction_of(words):
                hold(self.restricted, *held)
            case ["corrected", *rest] if correction := correction_of(rest):
                self.corrected.add(correction)
            case ["access-ended", *rest] if ended := access_ended_of(rest):
                self.access_ended.add(ended)
            case ["taken-out" | "moved", *_] if change := account_change_of(words):
                self.account_changes.add(change)
            case _:
                return False
        return True


def _is_span(receipt: str, times: list[str]) -> bool:
    if len(times) != len(ErasedSpan._fields) - 1 or not all(map(_MS.fullmatch, times)):
        return False
    return int(times[0]) < int(times[1]) and NUMBER.fullmatch(receipt) is not None


async def _of_ledger(path: Path) -> Decisions:
    ledger = await Ledger.open_to_read(path)
    try:
        async with ledger.read() as connection:
            receipts, (visits, spans) = await _erased(connection)
            visits |= await detached_and_erased(connection, receipts)
            columns = (withdrawals.c.consent_id, withdrawals.c.withdrawn_at)
            pairs = await connection.execute(select(*columns).order_by(withdrawals.c.seq))
            deleted = await _deleted_sites(connection)
            given = {row[0]: row[1] for row in pairs}
            return Decisions(
                receipts,
                given,
                deleted,
                visits,
                spans,
                restricted=await restricted_in(connection),
                corrected=await corrected_in(connection),
                access_ended=await ended_in(connection),
                account_changes=await account_changes_in(connection),
            )
    finally:
        await ledger.close()


async def _erased(
    connection: AsyncConnection,
) -> tuple[frozenset[str], tuple[frozenset[str], frozenset[ErasedSpan]]]:
    """Return the numbers of whole erasures, and of parts; an older ledger has no parts."""
    number = erasures.c.receipt_id
    if not await has_column(connection, "erasures", "part"):
        return frozenset(await connection.scalars(select(number))), (frozenset(), frozenset())
    part = erasures.c.part
    whole = await connection.scalars(select(number).where(part.is_(None)))
    visits = await connection.scalars(select(number).where(part == VISIT))
    times = (erasures.c.span_first, erasures.c.span_until, erasures.c.requested_at)
    spans = await connection.execute(select(number, *times).where(part == SPAN))
    found = frozenset(ErasedSpan(*row) for row in spans)
    return frozenset(whole), (frozenset(visits), found)


async def _deleted_sites(connection: AsyncConnection) -> frozenset[str]:
    """Return the keys of deleted sites; a ledger of the first form has none."""
    if not await has_column(connection, "sites", "deleted_at"):
        return frozenset()
    keys = select(sites.c.key).where(sites.c.deleted_at.is_not(None))
    return frozenset(await connection.scalars(keys))


class Carried(NamedTuple):
    """How many of each were carried out; erasures also of parts.

    `account_changes` are accounts that were closed or moved, and values and browsers taken out.
    """

    withdrawn: int
    erased: int
    deleted: int
    restricted: int = 0
    corrected: int = 0
    access_ended: int = 0
    account_changes: int = 0


async def carry_out(services: Services, decisions: Decisions) -> Carried:
    """Carry out the decisions that the ledger does not know, and return how many of each.

    Sites are deleted after their visitors' erasures, so that the receipts stay. A receipt's number
    is a hash of the visitor's random id: it leads to the visitor in a ledger that knows the id, and
    names nobody by itself.
    """
    async with services.ledger.read() as connection:
        given = select(consent_records).where(consent_records.c.state.in_(OPEN_STATES))
        rows = (await connection.execute(given)).mappings().all()
    known = [_claims(row) for row in rows]
    late = [c for c in known if c.consent_id in decisions.withdrawn]
    late = [c for c in late if c.consent_id not in services.withdrawn]
    for claims in late:
        then = partial(decisions.withdrawn.__getitem__, claims.consent_id)
        await Withdrawals(services.ledger, services.withdrawn, then).withdraw(claims, METHOD)
    visitors = {(c.site_id, c.visitor_id) for c in known if c.visitor_id}
    held = await hold_again(services, visitors, decisions.restricted)
    early: list[int] = []

    async def erase_before(at: int) -> None:
        early.append(await erase_spans_until(services, decisions.spans, at))
        early.append(await erase_visits(services, decisions.visits))

    made = await correct_again(services, visitors, decisions.corrected, erase_before)
    ended = await end_again(services, visitors, decisions.access_ended)
    if decisions.erased:
        visitors |= await visitors_of_visits(services)
    gone = [visitor for visitor in visitors if receipt_id_of(*visitor) in decisions.erased]
    for visitor in gone:
        await services.eraser.erase_alone(visitor[0], [visitor[1]])  # each id has its own receipt
    changed = await close_accounts(services.ledger, decisions.erased)
    changed += await change_accounts(services.ledger, decisions.account_changes)
    parts = sum(early) + await erase_parts(services, decisions.visits, decisions.spans)
    deleted = [site for site in services.book.all() if site.key in decisions.deleted]
    for site in deleted:
        await services.site_deletion.delete(site.id)
    counts = (len(late), len(gone) + parts, len(deleted))
    return Carried(*counts, held, made, ended, changed)


def _claims(row: Any) -> Claims:
    return Claims(
        site_id=row["site_id"],
        visitor_id=row["visitor_id"] or "",
        consent_id=row["consent_id"],
        policy_version=row["policy_version"],
        purposes=tuple(row["purposes"]),
        given_at=row["event_time"],
        valid_until=row["valid_until"],
    )
