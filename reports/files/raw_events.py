"""The events of a period as a file: read, entered as disclosed, and written part by part.

Each part is a stretch of time with few events. What is erased while the file is written is missing
from its rest, and visitors without an entry of the disclosure are left out (law 9).
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from askfirst.columns import EVENT_COLUMNS, THOUSANDTHS
from reports.dependencies import Dependencies
from reports.files.formats import FORMATS
from reports.tables.progress import Progress
from reports.visitors.disclosures import EXPORTED_EVENTS, Disclosures

FORMS = ("csv", "jsonl", "parquet")
"""The formats on offer; no sheet has room for the events of a month."""
MOST_AT_ONCE = 20_000
"""Events of one part, unless more happened in the same millisecond."""
_TYPES = {
    "int32": pa.int64(),
    "int64": pa.int64(),
    "string": pa.string(),
    "timestamp(6)": pa.timestamp("us", tz="UTC"),
}
SCHEMA = pa.schema(
    [
        pa.field(name, pa.float64() if name in THOUSANDTHS else _TYPES[kind])
        for name, kind in EVENT_COLUMNS.items()
    ]
)


@dataclass(frozen=True)
class Wanted:
    """The events of a site from `start` to before `end` (ms), for whom, in which format."""

    site_id: int
    start: int
    end: int
    to_whom: str
    form: str


async def number_of(deps: Dependencies, wanted: Wanted) -> int:
    """Return how many events there are; the file has less where visitors were erased."""
    asked = deps.warehouse.number_of_events
    return await asyncio.to_thread(asked, wanted.site_id, wanted.start, wanted.end)


async def pieces(
    deps: Dependencies, wanted: Wanted, progress: Progress | None = None
) -> AsyncIterator[bytes]:
    """Yield the file; `progress` is told of the events that are read, and may stop it."""
    disclosures = Disclosures(deps.ledger, deps.clock)
    entered: set[str] = set()
    done = 0
    with closing(FORMATS[wanted.form][2](SCHEMA, {})) as writer:
        yield writer.begin()
        async for start, end in _parts(deps, wanted.site_id, wanted.start, wanted.end):
            read = deps.warehouse.events_of_period
            events = await asyncio.to_thread(read, wanted.site_id, start, end)
            ids = set(events["visitor_id"].unique().to_pylist())
            known = await disclosures.disclose_once(
                wanted.site_id, ids, wanted.to_whom, EXPORTED_EVENTS, entered
            )
            entered |= known
            done += events.num_rows
            if progress:
                progress.tell(done)
            if piece := await asyncio.to_thread(_part, events, known, writer.write):
                yield piece
        for piece in writer.end():
            yield piece


async def _parts(
    deps: Dependencies, site_id: int, start: int, end: int
) -> AsyncIterator[tuple[int, int]]:
    """Yield stretches of time, oldest first, each with few events."""
    count = await asyncio.to_thread(deps.warehouse.number_of_events, site_id, start, end)
    if count == 0:
        return
    if count <= MOST_AT_ONCE or end - start <= 1:
        yield start, end
        return
    middle = (start + end) // 2
    for part in ((start, middle), (middle, end)):
        async for found in _parts(deps, site_id, *part):
            yield found


def _part(events: pa.Table, known: set[str], write: Callable[[pa.RecordBatch], bytes]) -> bytes:
    mine = events.filter(pc.is_in(events["visitor_id"], pa.array(sorted(known), pa.string())))
    table = pa.table([_column(mine[field.name], field) for field in SCHEMA], schema=SCHEMA)
    return b"".join(write(batch) for batch in table.combine_chunks().to_batches())


def _column(values: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    if field.name in THOUSANDTHS:
        return pc.divide(values.cast(pa.float64()), 1000)
    if pa.types.is_timestamp(field.type):
        return pc.assume_timezone(values.cast(pa.timestamp("us")), "UTC")
    return values.cast(field.type)
