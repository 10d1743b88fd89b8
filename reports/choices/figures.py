"""From counts of choices to figures: by time, page, language and version of the wording."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pandas as pd

from askfirst.store.ledger.choice_counts import (
    ACCEPTED,
    LOADED,
    REFUSED,
    SHOWN,
    SIGNAL,
    WITHDRAWN,
    ChoiceCount,
)
from reports.choices.smallest_counts import ADD_UP, IGNORED, SmallCells
from reports.url.steps import Bucket

_COUNTED = (LOADED, SIGNAL, SHOWN, ACCEPTED, REFUSED, WITHDRAWN)
_PERIODS = {"day": "D", "week": "W-SUN", "month": "M"}


@dataclass(frozen=True)
class ChoiceRow:
    """The counts of one step, page, language or version; shares are None where nobody is counted.

    `yes_share` is of those who said yes or no, `answered_share` of those who were asked. A number
    that is too small is 0, and `hidden` has what the page says instead, by the number's name.
    """

    name: str
    loaded: int
    signal: int
    shown: int
    accepted: int
    refused: int
    ignored: int
    withdrawn: int
    yes_share: float | None
    answered_share: float | None
    hidden: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MergedRows:
    """The counts by page or language, with those that are too small merged into one row."""

    rows: tuple[ChoiceRow, ...]
    """The rows that are listed, largest first."""
    rest: ChoiceRow | None
    """The sum of the others; None where there are none, or where it is too small as well."""
    merged: int
    """How many rows `rest` sums up, or hides."""

    @property
    def is_hidden(self) -> bool:
        """Whether there are other rows, and their sum is too small to be shown."""
        return self.merged > 0 and self.rest is None


def frame_of(counts: Sequence[ChoiceCount]) -> pd.DataFrame:
    """Lay the counts out: one row a day, page, language and version, one column a kind.

    `ignored` is what was shown and not answered, by day and never below 0: an answer may come on
    another day than the banner was shown.
    """
    long = pd.DataFrame(counts, columns=list(ChoiceCount._fields))
    keys = ["day", "page", "language", "version"]
    wide = long.pivot_table(index=keys, columns="kind", values="times", aggfunc="sum")
    wide = wide.reindex(columns=list(_COUNTED)).fillna(0).astype("int64").reset_index()
    wide["day"] = pd.to_datetime(wide["day"])
    return wide


def total_of(frame: pd.DataFrame) -> ChoiceRow:
    """Sum everything up."""
    return _row("", _by_day(frame).sum().to_dict())


def steps_of_choices(frame: pd.DataFrame, keys: Sequence[Bucket], by: str) -> tuple[ChoiceRow, ...]:
    """Sum up by the steps of a chart, with 0 where nothing happened; the name is the step's day."""
    days = _by_day(frame)
    starts = pd.DatetimeIndex(days.index).to_period(_PERIODS[by]).start_time
    sums = days.groupby(starts).sum()
    wanted = pd.DatetimeIndex([bucket.key for bucket in keys])
    return _rows(sums.reindex(wanted, fill_value=0))


def _by_day(frame: pd.DataFrame) -> pd.DataFrame:
    sums = frame.groupby("day")[list(_COUNTED)].sum()
    return sums.assign(ignored=_ignored(sums))


def _ignored(sums: pd.DataFrame) -> pd.Series:
    return (sums[SHOWN] - sums[ACCEPTED] - sums[REFUSED]).clip(lower=0)


def versions_of(frame: pd.DataFrame, smallest: int) -> tuple[ChoiceRow, ...]:
    """Sum up by the version of the wording, the newest first, without small numbers."""
    known = frame[frame["version"] > 0]
    rows = _rows(_sums_by(known, "version").sort_index(ascending=False))
    return _without_small(rows, smallest)


def merged_rows(frame: pd.DataFrame, column: str, smallest: int) -> MergedRows:
    """Sum up by page or language, and merge the rows that were shown less than `smallest` times.

    Nobody may be found behind a small number, nor behind the difference of the rows and the total.
    So at least two rows are merged, and as many more, from the smallest up, as it takes for their
    sum to reach `smallest`; where all of them together do not, the sum is hidden. In the rows that
    are left each small number is hidden by itself (`SmallCells`).
    """
    table = _sums_by(frame, column)
    shown = table[SHOWN].tolist()
    kept = _number_kept(shown, smallest)
    rows = _rows(table.head(kept))
    merged = table.iloc[kept:]
    if not _may_be_summed(shown[kept:], smallest):
        return MergedRows(_without_small(rows, smallest), rest=None, merged=len(merged))
    *kept_rows, rest = _without_small((*rows, _row("", merged.sum().to_dict())), smallest)
    return MergedRows(tuple(kept_rows), rest, merged=len(merged))


def _number_kept(shown: Sequence[int], smallest: int) -> int:
    """Return how many rows are listed by themselves; `shown` are their counts, largest first."""
    kept = sum(count >= smallest for count in shown)
    while 0 < kept < len(shown) and not _may_be_summed(shown[kept:], smallest):
        kept -= 1
    return kept


def _may_be_summed(shown: Sequence[int], smallest: int) -> bool:
    """Return whether the sum of these counts tells none of them, and is not small itself."""
    return len(shown) > 1 and sum(shown) >= smallest


def _without_small(rows: tuple[ChoiceRow, ...], smallest: int) -> tuple[ChoiceRow, ...]:
    hidden = SmallCells([vars(row) for row in rows], smallest).replacements()
    return tuple(_hiding(row, hidden.get(number, {})) for number, row in enumerate(rows))


def _hiding(row: ChoiceRow, said: Mapping[str, str]) -> ChoiceRow:
    changes: dict[str, Any] = dict.fromkeys(said, 0)
    if said.keys() & {SHOWN, *ADD_UP}:  # a share would tell the number
        changes |= {"yes_share": None, "answered_share": None}
    return replace(row, **changes, hidden=said)


def _sums_by(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    sums = frame.groupby(column)[list(_COUNTED)].sum()
    sums = sums.assign(ignored=_ignored(sums), name=sums.index)
    return sums.sort_values([SHOWN, "name"], ascending=[False, True]).drop(columns="name")


def _rows(table: pd.DataFrame) -> tuple[ChoiceRow, ...]:
    rows = zip(table.index, table.to_dict("records"), strict=True)
    return tuple(_row(_name(key), sums) for key, sums in rows)


def _name(key: Any) -> str:
    return key.strftime("%Y-%m-%d") if isinstance(key, datetime) else str(key)


def _row(name: str, sums: Mapping[Any, int]) -> ChoiceRow:
    figures: dict[str, Any] = {measure: int(sums[measure]) for measure in (*_COUNTED, IGNORED)}
    answered = figures[ACCEPTED] + figures[REFUSED]
    shown = max(figures[SHOWN], answered)
    return ChoiceRow(
        name=name,
        **figures,
        yes_share=figures[ACCEPTED] / answered if answered else None,
        answered_share=answered / shown if shown else None,
    )
