"""Whether each consent record without a visitor id lost the id by an erasure."""

from typing import Any

from sqlalchemy import LargeBinary, and_, cast, exists, func, inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.tables import consent_records, sites, withdrawals
from consent.proof.raw_rows import shown
from consent.proof.records import OPEN_STATES

_record = consent_records.c
_other = consent_records.alias("other")
_ANONYMISED = _record.visitor_id.is_(None)
_KEPT_BY_ANOTHER = exists().where(
    _other.c.consent_id == _record.consent_id, _other.c.visitor_id.is_not(None)
)
_NEVER_WITHDRAWN = and_(
    _record.state.in_(OPEN_STATES), _record.consent_id.not_in(select(withdrawals.c.consent_id))
)


async def lost_without_erasure(connection: AsyncConnection) -> list[str]:
    """Name a record that lost its visitor id without an erasure; [] where there is none.

    An erasure withdraws every consent of a visitor, removes the id from all of their records, and
    in the same transaction adds their number to the site's sum. So a record is wrong by itself
    where its consent is open or another record of it still has the id; else the site's sum differs.
    Deleted sites are left out: their records have no ids.
    """
    if not await _has_sums(connection):
        return []  # an older ledger has no sums before the start that migrates it
    found = await _record_alone(connection) or await _sum_that_differs(connection)
    return [found] if found else []


async def _has_sums(connection: AsyncConnection) -> bool:
    columns = await connection.run_sync(lambda c: inspect(c).get_columns("sites"))
    return sites.c.erased_records.name in {column["name"] for column in columns}


async def _record_alone(connection: AsyncConnection) -> str:
    deleted = select(sites.c.id).where(sites.c.deleted_at.is_not(None))
    statement = select(_record.seq, cast(_record.record_id, LargeBinary)).where(
        _ANONYMISED, _record.site_id.not_in(deleted), _KEPT_BY_ANOTHER | _NEVER_WITHDRAWN
    )
    first = (await connection.execute(statement.order_by(_record.seq).limit(1))).first()
    if first is None:
        return ""
    return f"Record {first[0]} ({shown(first[1])}) names no visitor, and no erasure took the name."


async def _sum_that_differs(connection: AsyncConnection) -> str:
    number: Any = func.count(_record.seq)
    joined = sites.outerjoin(consent_records, and_(_record.site_id == sites.c.id, _ANONYMISED))
    statement = select(sites.c.id, number, sites.c.erased_records).select_from(joined)
    kept = statement.where(sites.c.deleted_at.is_(None)).group_by(sites.c.id)
    differing = kept.having(number != sites.c.erased_records).order_by(sites.c.id).limit(1)
    first = (await connection.execute(differing)).first()
    if first is None:
        return ""
    site, anonymised, erased = first
    return (
        f"{anonymised} records of site {site} name no visitor, and erasures took the name out of"
        f" {shown(str(erased).encode())}."
    )
