"""Whether each consent record that names no visitor lost the name by an erasure."""

from typing import Any

from sqlalchemy import LargeBinary, and_, cast, exists, func, inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.tables import consent_records, sites, withdrawals
from consent.proof.raw_rows import shown
from consent.proof.records import OPEN_STATES

_record = consent_records.c
_other = consent_records.alias("other")
_NAMELESS = _record.visitor_id.is_(None)
_KEPT_BY_ANOTHER = exists().where(
    _other.c.consent_id == _record.consent_id, _other.c.visitor_id.is_not(None)
)
_NEVER_WITHDRAWN = and_(
    _record.state.in_(OPEN_STATES), _record.consent_id.not_in(select(withdrawals.c.consent_id))
)


async def lost_without_erasure(connection: AsyncConnection) -> list[str]:
    """Say which record lost its visitor otherwise than by an erasure; [] where none did.

    An erasure withdraws each yes of a visitor, takes the visitor out of all their records at once,
    and adds up in the same transaction how many those were. So a record that is alone in naming
    nobody can be told by itself; else the site's sum shows it. A deleted site names nobody.
    """
    if not await _has_sums(connection):
        return []  # a ledger of an older form has none until a start has migrated it
    found = await _record_alone(connection) or await _sum_that_differs(connection)
    return [found] if found else []


async def _has_sums(connection: AsyncConnection) -> bool:
    columns = await connection.run_sync(lambda c: inspect(c).get_columns("sites"))
    return sites.c.erased_records.name in {column["name"] for column in columns}


async def _record_alone(connection: AsyncConnection) -> str:
    deleted = select(sites.c.id).where(sites.c.deleted_at.is_not(None))
    asked = select(_record.seq, cast(_record.record_id, LargeBinary)).where(
        _NAMELESS, _record.site_id.not_in(deleted), _KEPT_BY_ANOTHER | _NEVER_WITHDRAWN
    )
    first = (await connection.execute(asked.order_by(_record.seq).limit(1))).first()
    if first is None:
        return ""
    return f"Record {first[0]} ({shown(first[1])}) names no visitor, and no erasure took the name."


async def _sum_that_differs(connection: AsyncConnection) -> str:
    number: Any = func.count(_record.seq)
    joined = sites.outerjoin(consent_records, and_(_record.site_id == sites.c.id, _NAMELESS))
    asked = select(sites.c.id, number, sites.c.erased_records).select_from(joined)
    kept = asked.where(sites.c.deleted_at.is_(None)).group_by(sites.c.id)
    differing = kept.having(number != sites.c.erased_records).order_by(sites.c.id).limit(1)
    first = (await connection.execute(differing)).first()
    if first is None:
        return ""
    site, nameless, erased = first
    return (
        f"{nameless} records of site {site} name no visitor, and erasures took the name out of"
        f" {shown(str(erased).encode())}."
    )
