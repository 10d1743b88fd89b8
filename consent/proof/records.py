"""The proof of consent: an append-only chain of records, each with the hash of the one before."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import DAY_MS
from askfirst.consents import Claims
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import consent_records
from askfirst.visitors import new_visitor_id

GIVEN = "given"
RENEWED = "renewed"
WITHDRAWN = "withdrawn"
OPEN_STATES = (GIVEN, RENEWED)
SCHEMA = "askfirst-1"
EXPLICIT = "explicit"
"""The visitor pressed a button that says what it does (DPV: ExplicitlyExpressedConsent)."""
PASSED_ON = "passed_on"
"""Another consent manager passed the yes on; what the visitor read and pressed is not known."""
REVOKED = "revoked"
"""The controller ended the consent, not the visitor (DPV: ConsentRevoked)."""
BY_VISITOR = "subject"
BY_CONTROLLER = "controller"
FIRST_HASH = "0" * 64
_ROWS_AT_ONCE = 2000

SEALED = (
    "record_id",
    "consent_id",
    "site_id",
    "subject",
    "state",
    "schema",
    "event_type",
    "given_by",
    "event_time",
    "valid_until",
    "policy_version",
    "notice_hash",
    "ui_hash",
    "purposes",
    "language",
    "method",
    "signals",
)
"""The fields under the hash. `visitor_id` and `nonce` are not, so it survives their erasure."""

Record = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ConsentRequest:
    """What a visitor said yes to, and how; `choice_days` is how long the yes holds.

    `ui_hash` is the SHA-256 of the banner's scripts, theme and labels. `given_by` is `subject`, or
    `manager:NAME` where another consent manager passed the yes on: our banner was not shown then,
    so `ui_hash` stays `FIRST_HASH`.
    """

    site_id: int
    policy_version: int
    notice_hash: str
    purposes: tuple[str, ...]
    language: str
    method: str
    gpc: bool
    choice_days: int
    ui_hash: str = FIRST_HASH
    given_by: str = BY_VISITOR


@dataclass(frozen=True)
class RecordedConsent:
    """A recorded consent: the number of its proof and the claims of its token."""

    record_id: str
    claims: Claims


async def record_consent(ledger: Ledger, request: ConsentRequest, now: int) -> RecordedConsent:
    """Record one consent of a new visitor; it is durable when this returns."""
    return (await record_consents(ledger, request, [now]))[0]


async def record_consents(
    ledger: Ledger, request: ConsentRequest, times: Sequence[int]
) -> list[RecordedConsent]:
    """Record consents of as many new visitors at these times, in one transaction."""
    records = [new_record(request, time) for time in times]
    async with ledger.write() as connection:
        return [recorded_consent(record) for record in await append(connection, records)]


def new_record(request: ConsentRequest, time: int, visitor_id: str | None = None) -> Record:
    """Build the record of a consent: of a new visitor, or of a known one who renews it.

    The nonce is always new, so that after an erasure nothing links the records of one visitor.
    """
    named, nonce = visitor_id or new_visitor_id(), secrets.token_hex(16)
    return {
        "consent_id": secrets.token_hex(16),
        "site_id": request.site_id,
        "visitor_id": named,
        "nonce": nonce,
        "subject": subject_of(named, nonce),
        "state": RENEWED if visitor_id else GIVEN,
        "schema": SCHEMA,
        "event_type": event_type(request.given_by),
        "given_by": request.given_by,
        "event_time": time,
        "valid_until": time + request.choice_days * DAY_MS,
        "policy_version": request.policy_version,
        "notice_hash": request.notice_hash,
        "ui_hash": request.ui_hash,
        "purposes": list(request.purposes),
        "language": request.language,
        "method": request.method,
        "signals": {"gpc": request.gpc},
    }


def event_type(given_by: str) -> str:
    """Return what is known of an act: the visitor's, the controller's, or passed on by a manager.

    `given_by` is `BY_VISITOR`, `BY_CONTROLLER` or `manager:NAME`.
    """
    return {BY_VISITOR: EXPLICIT, BY_CONTROLLER: REVOKED}.get(given_by, PASSED_ON)


def recorded_consent(record: Record) -> RecordedConsent:
    """Return the number and the token's claims of a record as `append` returns it."""
    return RecordedConsent(record["record_id"], claims_of(record))


def claims_of(record: Record) -> Claims:
    """Return the claims of the token that is issued for a record."""
    return Claims(
        site_id=record["site_id"],
        visitor_id=record["visitor_id"],
        consent_id=record["consent_id"],
        policy_version=record["policy_version"],
        purposes=tuple(record["purposes"]),
        given_at=record["event_time"],
        valid_until=record["valid_until"],
        gpc=record["signals"]["gpc"],
    )


def subject_of(visitor_id: str, nonce: str) -> str:
    """Return the SHA-256 by which a record names its visitor; without the nonce it names nobody."""
    return hashlib.sha256(f"{visitor_id}{nonce}".encode()).hexdigest()


def seal(previous_hash: str, record: Mapping[str, Any]) -> str:
    """Return a record's hash: SHA-256 over the hash before it and its canonical JSON."""
    sealed = {name: record[name] for name in SEALED}
    body = msgspec.json.encode(sealed, order="deterministic")
    return hashlib.sha256(previous_hash.encode() + body).hexdigest()


async def append(connection: AsyncConnection, records: Iterable[Record]) -> list[Record]:
    """Add records to the end of the chain, in a write transaction.

    Returns them as they are stored, each with its `record_id`, `previous_hash` and `hash`.
    """
    previous = await _last_hash(connection)
    rows = []
    for record in records:
        row = {**record, "record_id": secrets.token_hex(16), "previous_hash": previous}
        row["hash"] = previous = seal(previous, row)
        rows.append(row)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        await connection.execute(insert(consent_records), rows[start : start + _ROWS_AT_ONCE])
    return rows


async def _last_hash(connection: AsyncConnection) -> str:
    last = select(consent_records.c.hash).order_by(consent_records.c.seq.desc()).limit(1)
    return (await connection.execute(last)).scalar_one_or_none() or FIRST_HASH
