"""Statements as DuckDB's parser read them, kept by their text: it need not read a text again."""

from __future__ import annotations

import threading
from collections import OrderedDict

import duckdb

MOST = 96
"""Statements that are kept, of about 45 KB each; a page of reports asks two dozen."""


class ParsedStatements:
    """The statements that were asked last, for any connection; they hold no values.

    A third of the processor time of a page's questions went into reading their texts, which DuckDB
    does twice for one that it is asked to execute.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[str, duckdb.Statement] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
        """Return the statement of a text, read by this connection if need be.

        Raises `duckdb.Error` where the text is not one statement.
        """
        with self._lock:
            if sql in self._kept:
                self._kept.move_to_end(sql)
                return self._kept[sql]
        found = connection.extract_statements(sql)
        if len(found) != 1:
            raise duckdb.ProgrammingError(f"Expected one statement, not {len(found)}.")
        with self._lock:
            self._kept[sql] = found[0]
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found[0]
