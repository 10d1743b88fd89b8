"""Operations as bytes, for the log from which they are carried out again."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from askfirst.store.warehouse.engine import Delete, Insert, Operation

_LENGTH = 8


def packed(operations: Sequence[Operation]) -> bytes:
    """Return operations as bytes: the length of a list as JSON, this list, and Arrow streams."""
    streams: list[bytes] = []
    described = [_described(operation, streams) for operation in operations]
    facts = {"operations": described, "lengths": [len(stream) for stream in streams]}
    head = json.dumps(facts, separators=(",", ":")).encode()
    whole = b"".join((len(head).to_bytes(_LENGTH, "big"), head, *streams))
    compressed = pa.compress(whole, "zstd", asbytes=True)
    return len(whole).to_bytes(_LENGTH, "big") + bytes(compressed)


def unpacked(content: bytes) -> list[Operation]:
    """Return the operations that `packed` made bytes of."""
    size = int.from_bytes(content[:_LENGTH], "big")
    whole = bytes(pa.decompress(content[_LENGTH:], size, "zstd", asbytes=True))
    end = _LENGTH + int.from_bytes(whole[:_LENGTH], "big")
    facts = json.loads(whole[_LENGTH:end])
    streams = []
    for length in facts["lengths"]:
        streams.append(whole[end : end + length])
        end += length
    return [_operation(described, streams) for described in facts["operations"]]


def _described(operation: Operation, streams: list[bytes]) -> dict[str, Any]:
    if isinstance(operation, Insert):
        return {"into": operation.table, "rows": _kept(operation.rows, streams)}
    among = {
        name: _kept(pa.table({"value": values}), streams)
        for name, values in operation.among.items()
    }
    plain = {name: dict(getattr(operation, name)) for name in ("equal", "below", "since")}
    return {"from": operation.table, "among": among, **plain}


def _operation(described: dict[str, Any], streams: list[bytes]) -> Operation:
    if "into" in described:
        return Insert(described["into"], _read(streams[described["rows"]]))
    among = {
        name: _read(streams[place])["value"].combine_chunks()
        for name, place in described["among"].items()
    }
    plain = {name: described[name] for name in ("equal", "below", "since")}
    return Delete(described["from"], among=among, **plain)


def _kept(rows: pa.Table, streams: list[bytes]) -> int:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)
    streams.append(sink.getvalue())
    return len(streams) - 1


def _read(stream: bytes) -> pa.Table:
    return pa.ipc.open_stream(stream).read_all()
