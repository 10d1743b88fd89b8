"""What the client raises, as the errors of this project: to try again, or to set right.

ClickHouse's own texts repeat statements with their values, so only its number and name are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from askfirst.errors import AskfirstError, Misconfigured, Unavailable

_REFUSED = {
    "AUTHENTICATION_FAILED", "REQUIRED_PASSWORD", "UNKNOWN_USER", "WRONG_PASSWORD",
    "IP_ADDRESS_NOT_ALLOWED",
}  # fmt: skip
_NO_RIGHT = {"ACCESS_DENIED", "NOT_ENOUGH_PRIVILEGES", "READONLY"}
_NAMES = {
    81: "UNKNOWN_DATABASE", 164: "READONLY", 192: "UNKNOWN_USER", 193: "WRONG_PASSWORD",
    194: "REQUIRED_PASSWORD", 195: "IP_ADDRESS_NOT_ALLOWED", 497: "ACCESS_DENIED",
    516: "AUTHENTICATION_FAILED", 701: "CLUSTER_DOESNT_EXIST",
}  # fmt: skip
_PASSING = {
    158: "would read more rows than its settings allow",
    159: "took longer over a statement than its settings allow",
    202: "answers as many statements as it may at once",
    209: "waited too long for another of its nodes or for its disk",
    210: "cannot reach another of its nodes or its disk",
    241: "has no memory left for a statement",
    242: "lets nobody write into a table: it lost ClickHouse Keeper, or its disk",
    243: "has no room left on its disk",
    252: "has too many parts in a table, and has to merge them first",
    279: "cannot reach any replica of a shard",
    285: "has too few replicas that are alive",
    286: "did not hear from enough replicas",
    319: "does not know whether it has stored rows: it lost ClickHouse Keeper",
    999: "lost ClickHouse Keeper",
}
"""What passes by itself, or when its cause is gone: it is tried again until then."""

_RETRY_AFTER = 10
"""Seconds after which a server that was away may be there again."""
_STATUS = re.compile(r"HTTP driver received HTTP status (\d+)")


class StatementRefused(Unavailable):
    """The server answered a statement with an error, whose number and name are told."""

    def __init__(self, message: str, number: int) -> None:
        super().__init__(message)
        self.number = number


@contextmanager
def explained(where: str, *, in_detail: bool = False) -> Iterator[None]:
    """Raise `Misconfigured` or `Unavailable` for what goes wrong with a server within."""
    from clickhouse_connect.driver.exceptions import ClickHouseError  # noqa: PLC0415 - 0.4 s
    from pyarrow.lib import ArrowException  # noqa: PLC0415 - 0.2 s

    try:
        yield
    except ClickHouseError as error:
        if in_detail:
            raise _meaning(error, where) from error
        raise _meaning(error, where) from None
    except ArrowException:
        raise Unavailable(f"What answers at {where} does not answer like ClickHouse.") from None


def _meaning(error: Exception, where: str) -> AskfirstError:
    code = getattr(error, "code", None)
    name = _NAMES.get(code or 0) or getattr(error, "name", None)
    if code is None:
        return _without_code(str(error), where)
    if name == "UNKNOWN_DATABASE":
        return _wrong(f"ClickHouse has no such database: {where}. Create it first.")
    if name == "CLUSTER_DOESNT_EXIST":
        return _wrong(f"ClickHouse at {where} has no cluster of this name.")
    if name in _REFUSED:
        return _wrong(f"ClickHouse at {where} refuses the user or the password.")
    if name in _NO_RIGHT:
        return _wrong(
            f"The user of ClickHouse at {where} lacks a right (docs/warehouse/clickhouse.md)."
        )
    said = f" {_PASSING[code]}:" if code in _PASSING else " answered a statement with"
    return StatementRefused(f"ClickHouse at {where}{said} error {code} ({name}).", code)


def _without_code(text: str, where: str) -> AskfirstError:
    """Return the meaning of an error that no ClickHouse gave a number to."""
    status = _STATUS.match(text)
    if text.startswith("Unexpected response") or (status and int(status.group(1)) < 500):
        return _wrong(f"What answers at {where} is not ClickHouse's HTTP interface.")
    if status:
        return Unavailable(f"What answers at {where} does not answer like ClickHouse.")
    lowered = text.lower()
    if "certificate" in lowered or "ssl" in lowered:
        return _wrong(f"The connection to ClickHouse at {where} cannot be secured (certificate).")
    if "timed out" in lowered:
        return no_answer(where)
    return Unavailable(f"ClickHouse at {where} cannot be reached.", retry_after=_RETRY_AFTER)


def no_answer(where: str) -> Unavailable:
    """Return the error of a server that stalls."""
    sentence = f"ClickHouse at {where} did not answer in time."
    return Unavailable(sentence, retry_after=_RETRY_AFTER)


def _wrong(sentence: str) -> Misconfigured:
    return Misconfigured(sentence, field="warehouse")
