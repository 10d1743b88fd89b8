"""What a report is as a table: its name, its fields, and how its rows are found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

if TYPE_CHECKING:
    from reports.dependencies import Dependencies
    from reports.tables.spool import Rows
    from reports.url.report_view import ReportView

Kind = Literal["text", "whole", "number", "day", "moment"]
TYPES: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "whole": pa.int64(),
    "number": pa.float64(),
    "day": pa.date32(),
    "moment": pa.timestamp("ms", tz="UTC"),
}
"""The types of the kinds of fields, in Arrow and Parquet; a moment's has the zone of its site."""
_TO_THE = {"ms": "seconds"}
"""How finely moments are written, by the unit of their type; others are to the millisecond."""


@dataclass(frozen=True)
class Field:
    """A column of a report; `source` is the column of the question's answer, where named apart.

    With `empty_is_null` a text that is unknown or none, which the warehouse has as '', is null.
    A moment is told on the clocks of `zone`.
    """

    name: str
    title: str
    about: str
    kind: Kind = "whole"
    source: str = ""
    empty_is_null: bool = False
    zone: str = "UTC"

    @property
    def column(self) -> str:
        """The column of the question's answer."""
        return self.source or self.name

    @property
    def type(self) -> pa.DataType:
        """Its type in Arrow and Parquet."""
        return pa.timestamp("ms", tz=self.zone) if self.kind == "moment" else TYPES[self.kind]


@dataclass(frozen=True)
class Option:
    """A field of an address that a report takes beside those of all.

    It is one of `values`, or a text of at most `longest` characters.
    """

    name: str
    about: str
    values: tuple[str, ...] = ()
    longest: int = 1000


@dataclass(frozen=True)
class Cut:
    """Which rows are wanted: sorted by a field (else in the report's own order), from an offset."""

    by: str = ""
    descending: bool = False
    limit: int | None = None
    offset: int = 0


COMPARED = "_before"
"""What follows a field's name where its value is that of the compared days."""


def compared_fields(fields: Iterable[Field]) -> tuple[Field, ...]:
    """Return the fields of the same values of the compared days."""
    about = "The same of the days that `against` names."
    return tuple(
        replace(one, name=one.name + COMPARED, title=f"{one.title}, compared", about=about)
        for one in fields
    )


WHOLE = Cut()
"""Every row, in the report's own order."""

Answer = Callable[["Dependencies", "ReportView", tuple[Field, ...], Cut], Awaitable["Rows"]]
"""Finds the rows of a report: of a view, with these fields."""


@dataclass(frozen=True)
class Report:
    """A report: `name` in addresses, `title` on pages, `about` what one row is.

    Conditions restrict it where `takes_conditions`; else it is about everybody. `by_steps` says
    that `by` chooses its steps of time. Its answer finds `options` in the address of the view.
    `compared` are the fields that it has beside the others where `against` names days.
    """

    name: str
    title: str
    about: str
    fields: tuple[Field, ...]
    answer: Answer
    takes_conditions: bool = True
    by_steps: bool = False
    options: tuple[Option, ...] = ()
    compared: tuple[Field, ...] = ()

    def compares(self, view: ReportView) -> bool:
        """Return whether a view asks it for the compared days, and there are such days."""
        asks = bool(self.compared and view.address.query.get("against"))
        return asks and view.period.compared is not None

    def fields_for(self, view: ReportView) -> tuple[Field, ...]:
        """Return the fields of its rows in a view."""
        fields = self.fields + self.compared if self.compares(view) else self.fields
        return tuple(
            replace(one, zone=view.period.zone) if one.kind == "moment" else one for one in fields
        )


def schema_of(fields: tuple[Field, ...]) -> pa.Schema:
    """Return the Arrow schema of fields."""
    return pa.schema([pa.field(one.name, one.type) for one in fields])


def told_rows(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """Return rows as JSON and CSV have them: days and moments are texts in ISO 8601."""
    rows: list[dict[str, Any]] = batch.to_pylist()
    for field in batch.schema:
        if pa.types.is_temporal(field.type):
            for row in rows:
                row[field.name] = _iso(row[field.name], field.type)
    return rows


def _iso(value: Any, kind: pa.DataType) -> str | None:
    """Write a day, or a moment with its offset, which is a Z in UTC."""
    if not isinstance(value, datetime):
        return None if value is None else str(value.isoformat())
    return value.isoformat(timespec=_TO_THE.get(kind.unit, "milliseconds")).replace("+00:00", "Z")
