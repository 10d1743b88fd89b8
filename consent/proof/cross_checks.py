"""Whether wordings, policies, withdrawals and visitor ids agree with the chain of records."""

from typing import Any

from sqlalchemy import LargeBinary, Table, and_, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.sites.policies import content_hash
from askfirst.store.ledger.tables import consent_records, policies, withdrawals, wordings
from consent.proof.anonymised_records import lost_without_erasure
from consent.proof.raw_rows import NONSENSE, decoded, raw_columns, shown
from consent.proof.records import WITHDRAWN


async def disagreements(connection: AsyncConnection) -> list[str]:
    """Return a sentence for each kind of disagreement; [] where everything agrees."""
    found = [
        await _changed_words(connection),
        await _changed_policy(connection),
        await _missing_withdrawal(connection),
        await _withdrawal_without_record(connection),
        *await lost_without_erasure(connection),
    ]
    return [sentence for sentence in found if sentence]


async def _changed_words(connection: AsyncConnection) -> str:
    row = await _first_changed(connection, wordings, "texts")
    return row and f"The words with the hash {shown(row['hash'])} are not those that were stored."


async def _changed_policy(connection: AsyncConnection) -> str:
    row = await _first_changed(connection, policies, "content")
    if not row:
        return ""
    version, site = shown(row["version"]), shown(row["site_id"])
    return f"Version {version} of the policy of site {site} is not what was published."


async def _first_changed(connection: AsyncConnection, table: Table, under: str) -> Any:
    """Return the first row, as bytes, whose column `under` is not what its `hash` says, or ''."""
    rows = await connection.stream(select(*raw_columns(table)).order_by(*table.primary_key))
    async for row in rows.mappings():
        read = decoded(table, row)
        if read is None or not _hashes_to(read[under], read["hash"]):
            return row
    return ""


def _hashes_to(content: Any, digest: str) -> bool:
    try:
        return content_hash(content) == digest
    except NONSENSE:
        return False


_record, _entry = consent_records.c, withdrawals.c
_SAME = and_(
    _entry.consent_id == _record.consent_id,
    _entry.site_id == _record.site_id,
    _entry.withdrawn_at == _record.event_time,
    _record.state == WITHDRAWN,
)


async def _missing_withdrawal(connection: AsyncConnection) -> str:
    """Name a withdrawal of the chain that the gate would not learn of, or at another time."""
    alone = _record.consent_id.not_in(select(_entry.consent_id).where(_SAME))
    withdrawn = select(cast(_record.record_id, LargeBinary)).where(_record.state == WITHDRAWN)
    statement = withdrawn.where(alone).order_by(_record.seq).limit(1)
    first = (await connection.execute(statement)).scalar()
    if first is None:
        return ""
    return f"The withdrawal of record {shown(first)} is not what the table of withdrawals says."


async def _withdrawal_without_record(connection: AsyncConnection) -> str:
    """Name a consent that the gate refuses although the chain has no withdrawal of it."""
    withdrawn = select(_record.consent_id).where(_record.state == WITHDRAWN)
    alone = _entry.consent_id.not_in(withdrawn)
    consent_ids = select(cast(_entry.consent_id, LargeBinary))
    statement = consent_ids.where(alone).order_by(_entry.seq).limit(1)
    first = (await connection.execute(statement)).scalar()
    return "" if first is None else f"The withdrawal of consent {shown(first)} has no record."
