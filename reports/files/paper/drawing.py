"""Draws an overview on sheets of A4: a process of its own, which imports little."""

import sys
from collections.abc import Sequence

import msgspec

from reports.files.paper.contents import Contents, Counts, Figure, ListRow, Seen, TopList
from reports.files.paper.sheet import (
    ACCENT,
    BAR,
    BETTER,
    INK,
    LABEL,
    LINE,
    MARGIN,
    SECOND,
    WIDTH,
    WORSE,
    Sheet,
    new_sheet,
)

_GUTTER = 8.0
_COLUMN = (WIDTH - _GUTTER) / 2
_NUMBER = 17.0
_PARTS = {"yes": ACCENT, "no": "#c9791d", "none": "#89928e"}
_CHANGES = {"better": BETTER, "worse": WORSE, "same": LABEL}


def drawn(contents: Contents) -> bytes:
    """Return an overview as a PDF."""
    text = msgspec.json.encode(contents).decode()
    told = (contents.title, contents.foot, contents.made)
    with new_sheet(*told, text, contents.font_folder) as sheet:
        _head(sheet, contents)
        if contents.seen:
            _seen(sheet, contents.seen)
        _figures(sheet, contents.figures)
        _chart(sheet, contents)
        for first in range(0, len(contents.lists), 2):
            _lists(sheet, contents.lists[first : first + 2])
        for counts in contents.counts:
            _counts(sheet, counts)
        sheet.room(4 * LINE)
        sheet.set_y(sheet.get_y() + 3)
        sheet.pen(7.5, color=LABEL)
        sheet.paragraph(contents.end)
        return bytes(sheet.output())


def _head(sheet: Sheet, contents: Contents) -> None:
    sheet.pen(9, color=LABEL)
    sheet.at(MARGIN, MARGIN, contents.site, WIDTH)
    sheet.pen(17, "B")
    sheet.start_section("Overview")
    sheet.at(MARGIN, MARGIN + 6, "Overview", WIDTH)
    sheet.set_y(MARGIN + 14)
    sheet.pen(9, color=SECOND)
    for text in (contents.days, contents.only):
        if text:
            sheet.paragraph(text)


def _seen(sheet: Sheet, seen: Seen) -> None:
    """Write which share of page loads was recorded, before any figure, with its bar."""
    y = sheet.get_y() + 3
    sheet.pen(9, "B")
    sheet.at(MARGIN, y, seen.heading, WIDTH)
    sheet.set_y(y + LINE)
    for part, x, width in seen.bar:
        place = (MARGIN + WIDTH * x / 100, y + LINE + 0.5, WIDTH * width / 100, 2.2)
        sheet.box(place, _PARTS[part])
    if seen.told:
        sheet.set_y(y + LINE + 3.5)
        sheet.pen(8, color=SECOND)
        sheet.paragraph(seen.told)


def _figures(sheet: Sheet, figures: Sequence[Figure]) -> None:
    """Write the figures side by side, each with its change."""
    y, width = sheet.get_y() + 3, WIDTH / len(figures)
    sheet.rule(y)
    for nth, one in enumerate(figures):
        x = MARGIN + nth * width
        sheet.pen(8, color=SECOND)
        sheet.at(x, y + 1.5, one.label, width - 2)
        sheet.pen(13, "B")
        sheet.at(x, y + 7, one.value, width - 2)
        sheet.pen(7.5, color=_CHANGES[one.direction])
        if one.change:
            sheet.at(x, y + 13, one.change, width - 2)
    sheet.rule(y + 20)
    sheet.set_y(y + 22)


def _chart(sheet: Sheet, contents: Contents) -> None:
    alternative = sheet.told(contents.summary)
    sheet.image(contents.chart, x=MARGIN, w=WIDTH, alt_text=alternative)
    sheet.pen(8, color=SECOND)
    for note in contents.notes:
        sheet.room(2 * LINE)
        sheet.paragraph(note)


def _lists(sheet: Sheet, lists: Sequence[TopList]) -> None:
    """Write one or two lists side by side, whole on one sheet."""
    height = 14 + LINE * (1 + max(len(one.rows) for one in lists))
    sheet.room(height)
    y = sheet.get_y() + 4
    for nth, one in enumerate(lists):
        _list(sheet, one, MARGIN + nth * (_COLUMN + _GUTTER), y)
    sheet.set_y(y + height - 6)


def _list(sheet: Sheet, one: TopList, x: float, y: float) -> None:
    sheet.set_y(y)
    sheet.start_section(sheet.told(one.title), level=1)
    sheet.pen(9.5, "B")
    sheet.at(x, y, one.title, _COLUMN)
    sheet.pen(7.5, color=LABEL)
    _row(sheet, (x, y + LINE), ListRow(*one.heads, part=0))
    for nth, row in enumerate(one.rows, start=2):
        place = (x, y + nth * LINE)
        sheet.box((*place, max(0.3, _COLUMN * row.part / 100), LINE - 0.6), BAR)
        sheet.pen(8, color=INK)
        _row(sheet, place, row, one.cuts_beginning)
    sheet.pen(7.5, color=LABEL)
    sheet.at(x, y + (len(one.rows) + 2) * LINE, one.more, _COLUMN)


def _row(
    sheet: Sheet, place: tuple[float, float], row: ListRow, cuts_beginning: bool = False
) -> None:
    (x, y), width = place, _COLUMN - 2 * _NUMBER
    sheet.set_xy(x + 0.5, y)
    sheet.cell(width, LINE - 0.6, sheet.fitted(row.name, width - 2, cuts_beginning))
    sheet.at(x + width, y - 0.3, row.one, _NUMBER, right=True)
    sheet.at(x + width + _NUMBER, y - 0.3, row.other, _NUMBER, right=True)


def _counts(sheet: Sheet, counts: Counts) -> None:
    sheet.room(12 + LINE * max(1, len(counts.rows)))
    sheet.set_y(sheet.get_y() + 3)
    sheet.heading(counts.title)
    sheet.pen(8, color=INK if counts.rows else LABEL)
    for label, number in counts.rows:
        y = sheet.get_y()
        sheet.at(MARGIN, y, label, WIDTH - 30)
        sheet.at(MARGIN + WIDTH - 30, y, number, 30, right=True)
        sheet.set_y(y + LINE)
    if not counts.rows:
        sheet.paragraph(counts.empty)


if __name__ == "__main__":
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Contents)
    sys.stdout.buffer.write(drawn(asked))
