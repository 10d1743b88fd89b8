"""The overview as a PDF: what its page says, on sheets of A4 that look the same everywhere."""

from collections.abc import Sequence
from datetime import datetime

from reports.choices.tally import TallyRow
from reports.figures.consent_rate import ConsentRate
from reports.figures.figures import Headline
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
from reports.formatting.template_filters import (
    delta,
    direction,
    figure,
    listed,
    number,
    round_percent,
)
from reports.overview.cards import Card
from reports.overview.overview import OverviewPage

_GUTTER = 8.0
_COLUMN = (WIDTH - _GUTTER) / 2
_NUMBER = 17.0
_YES, _NO, _NONE = ACCENT, "#c9791d", "#89928e"
_CHANGES = {"better": BETTER, "worse": WORSE, "same": LABEL}
_FROM_THE_END = ("path", "link", "internal", "page")
"""Kinds of names that lose their beginning where they do not fit."""


def overview_pdf(page: OverviewPage, chart: bytes, made: datetime) -> bytes:
    """Return the overview as a PDF; `chart` is its chart as PNG, `made` the time on the sheets.

    It holds what the page shows of everybody, and names nobody: neither visitors nor staff.
    """
    site, days = page.shell.site_name, page.nav.dates
    foot = f"{site} · Overview, {days} · made {made:%Y-%m-%d %H:%M} UTC by Askfirst"
    with new_sheet(f"{site}: overview, {days}", foot, made) as sheet:
        _write(sheet, page, chart)
        return bytes(sheet.output())


def _write(sheet: Sheet, page: OverviewPage, chart: bytes) -> None:
    _head(sheet, page)
    _seen(sheet, page.consent_rate)
    _figures(sheet, page)
    _chart(sheet, page, chart)
    lists = [card for card in page.cards if card.rows]
    for first in range(0, len(lists), 2):
        _cards(sheet, lists[first : first + 2])
    _counts(sheet, "Answers to the question", page.choices.rows, "Nobody was asked in these days.")
    _counts(sheet, "Not recorded", page.tally, "Nothing was turned away.")
    sheet.pen(7.5, color=LABEL)
    sheet.room(3 * LINE)
    sheet.set_y(sheet.get_y() + 3)
    sheet.paragraph(
        f"Times in {page.zone}. Answers and what was not recorded are counted by UTC day, without "
        "identifiers. Places: IP Geolocation by DB-IP, https://db-ip.com, unless this server has a "
        "file of its own. A square stands for a sign that this file’s fonts do not have."
    )


def _head(sheet: Sheet, page: OverviewPage) -> None:
    sheet.pen(9, color=LABEL)
    sheet.at(MARGIN, MARGIN, page.shell.site_name, WIDTH)
    sheet.pen(17, "B")
    sheet.start_section("Overview")
    sheet.at(MARGIN, MARGIN + 6, "Overview", WIDTH)
    sheet.set_y(MARGIN + 14)
    sheet.pen(9, color=SECOND)
    against = f", against {page.compared} ({page.against})" if page.compared else ""
    sheet.paragraph(f"{page.nav.dates}{against}.")
    chips = "; ".join(f"{one.what} {one.how} {one.which}" for one in page.filters.chips)
    if chips:
        sheet.paragraph(f"Only visits where {chips}.")


def _seen(sheet: Sheet, rate: ConsentRate | None) -> None:
    """Write which share of page loads was recorded, before any figure, with its bar."""
    if rate is None:
        return
    y = sheet.get_y() + 3
    sheet.pen(9, "B")
    if rate.share is None:
        views = f"{number(rate.recorded)} page views recorded with consent"
        sheet.at(MARGIN, y, f"{views}; their share of all page loads cannot be told.", WIDTH)
        sheet.set_y(y + LINE)
        return
    share = round_percent(rate.share)
    sheet.at(MARGIN, y, f"{share} of page loads recorded with consent", WIDTH)
    colours = {"yes": _YES, "no": _NO, "none": _NONE}
    for part in rate.bar:
        place = (MARGIN + WIDTH * part.x / 100, y + LINE + 0.5, WIDTH * part.width / 100, 2.2)
        sheet.box(place, colours[part.answer])
    sheet.pen(8, color=SECOND)
    told = (
        f"{number(rate.recorded)} recorded after a yes, {number(rate.refused)} after a no, "
        f"{number(rate.unanswered)} without an answer, of {number(rate.loads)} page loads, counted "
        "without identifiers by UTC day. The figures below are of what was recorded."
    )
    sheet.set_y(y + LINE + 3.5)
    sheet.paragraph(told)


def _figures(sheet: Sheet, page: OverviewPage) -> None:
    """Write the figures side by side, each with its change."""
    y, width = sheet.get_y() + 3, WIDTH / len(page.headlines)
    sheet.rule(y)
    for nth, one in enumerate(page.headlines):
        _figure(sheet, one, (MARGIN + nth * width, y + 1.5), width - 2, bool(page.compared))
    sheet.rule(y + 20)
    sheet.set_y(y + 22)


def _figure(
    sheet: Sheet, one: Headline, place: tuple[float, float], width: float, is_compared: bool
) -> None:
    x, y = place
    sheet.pen(8, color=SECOND)
    sheet.at(x, y, one.label, width)
    sheet.pen(13, "B")
    sheet.at(x, y + 5.5, figure(one.value, one.kind), width)
    if not is_compared:
        return
    better = direction(one.change, one.kind, one.less_is_better)
    sheet.pen(7.5, color=_CHANGES[better])
    before = f" from {figure(one.before, one.kind)}" if one.before else ""
    sheet.at(x, y + 11.5, f"{delta(one.change, one.kind, one.value)}{before}", width)


def _chart(sheet: Sheet, page: OverviewPage, chart: bytes) -> None:
    sheet.image(chart, x=MARGIN, w=WIDTH, alt_text=sheet.told(page.chart.summary))
    sheet.pen(8, color=SECOND)
    for pin in page.notes.pins:
        for day, note in pin.notes:
            sheet.room(LINE)
            sheet.paragraph(f"{day}: {note.words}")


def _cards(sheet: Sheet, cards: Sequence[Card]) -> None:
    """Write one or two lists side by side, whole on one sheet."""
    height = 14 + LINE * (1 + max(len(card.rows) for card in cards))
    sheet.room(height)
    y = sheet.get_y() + 4
    for nth, card in enumerate(cards):
        _card(sheet, card, MARGIN + nth * (_COLUMN + _GUTTER), y)
    sheet.set_y(y + height - 6)


def _card(sheet: Sheet, card: Card, x: float, y: float) -> None:
    one = card.dimension
    sheet.set_y(y)
    sheet.start_section(one.title, level=1)
    sheet.pen(9.5, "B")
    sheet.at(x, y, one.title, _COLUMN)
    sheet.pen(7.5, color=LABEL)
    _row(sheet, (x, y + LINE), (one.column, *card.heads))
    for nth, row in enumerate(card.rows, start=2):
        place = (x, y + nth * LINE)
        sheet.box((*place, max(0.3, _COLUMN * row.part / 100), LINE - 0.6), BAR)
        sheet.pen(8, color=INK)
        kind = "link" if one.kind == "internal" else one.kind
        first, second = (figure(*cell) for cell in row.cells)
        _row(sheet, place, (listed(row.name, kind, row.note or kind), first, second), one.kind)
    if card.every > len(card.rows):
        sheet.pen(7.5, color=LABEL)
        told = f"{len(card.rows)} of {number(card.every)} {one.title.lower()}"
        sheet.at(x, y + (len(card.rows) + 2) * LINE, told, _COLUMN)


def _row(
    sheet: Sheet, place: tuple[float, float], cells: tuple[str, str, str], kind: str = ""
) -> None:
    (x, y), (name, one, other) = place, cells
    width = _COLUMN - 2 * _NUMBER
    from_the_end = kind in _FROM_THE_END
    sheet.set_xy(x + 0.5, y)
    sheet.cell(width, LINE - 0.6, sheet.fitted(name, width - 2, from_the_end))
    sheet.at(x + width, y - 0.3, one, _NUMBER, right=True)
    sheet.at(x + width + _NUMBER, y - 0.3, other, _NUMBER, right=True)


def _counts(sheet: Sheet, title: str, rows: Sequence[TallyRow], empty: str) -> None:
    sheet.room(12 + LINE * max(1, len(rows)))
    sheet.set_y(sheet.get_y() + 3)
    sheet.heading(title)
    sheet.pen(8, color=INK if rows else LABEL)
    for row in rows:
        y = sheet.get_y()
        sheet.at(MARGIN, y, row.label, WIDTH - 30)
        sheet.at(MARGIN + WIDTH - 30, y, number(row.count), 30, right=True)
        sheet.set_y(y + LINE)
    if not rows:
        sheet.paragraph(empty)
