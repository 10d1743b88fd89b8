"""A group of events as the journal stores it: how it is encoded, read back and checked."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec
import structlog

from askfirst.events import JournalEntry
from collector.journal.checksum import crc32_of, matches_crc32

log = structlog.get_logger()

_encode = msgspec.json.Encoder().encode
_decode_ids = msgspec.json.Decoder(list[str]).decode
_decode_entries = msgspec.json.Decoder(list[JournalEntry]).decode


class StoredGroup(NamedTuple):
    """A row of the table `waiting`, in the order of the columns of `tables.GROUPS`.

    Check `is_intact` before the values are used: after damage they may be of any type.
    """

    seq: int
    events: int
    crc32: int
    ids: bytes
    body: bytes

    @property
    def is_intact(self) -> bool:
        """Return whether the bytes are those that were written."""
        return matches_crc32(self.crc32, self.ids, self.body)

    def entries(self) -> list[JournalEntry]:
        """Return the entries of an intact group."""
        return decoded(self.body)


class Batch(msgspec.Struct, frozen=True):
    """Groups of events to ship.

    `events` is the number of entries, repeated ones included; `last` is the number of the last
    group, and `bodies` holds the JSON of each.
    """

    events: int
    last: int
    bodies: list[bytes]

    def entries(self) -> list[JournalEntry]:
        """Return the entries, oldest first, each event id once."""
        entries = [entry for body in self.bodies for entry in decoded(body)]
        first = {entry.event_id: entry for entry in reversed(entries)}
        return list(first.values())[::-1]


def row_of(ids: Sequence[str], body: bytes) -> tuple[int, str, int, bytes]:
    """Return a group's values for the columns `events`, `ids`, `sum` and `body`."""
    text = _encode(ids)
    return len(ids), text.decode(), crc32_of(text, body), body


def encoded(entries: Sequence[JournalEntry]) -> bytes:
    """Encode entries as JSON, separated by commas and without the brackets around them."""
    return _encode(entries)[1:-1]


def decoded(body: bytes) -> list[JournalEntry]:
    """Decode what `encoded` returned."""
    return _decode_entries(b"[%b]" % body)


def encoded_ids(ids: Sequence[str]) -> str:
    """Encode event ids as a JSON array."""
    return _encode(ids).decode()


def decoded_ids(arrays: Iterable[bytes | None]) -> Iterator[str]:
    """Yield the event ids of JSON arrays; skip and log an array whose bytes are damaged."""
    for array in arrays:
        try:
            yield from _decode_ids(array or b"")
        except (msgspec.DecodeError, UnicodeDecodeError):
            log.error("journal_ids_damaged")  # noqa: TRY400 - the error would show the bytes
