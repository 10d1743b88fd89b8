"""The overview in words, for paper: what its page says of everybody, without anybody's name."""

from datetime import datetime

import msgspec

from reports.charts.apart import apart
from reports.choices.tally import TallyRow
from reports.figures.consent_rate import ConsentRate
from reports.figures.figures import Headline
from reports.files.paper.contents import Contents, Counts, Figure, ListRow, Seen, TopList
from reports.formatting.readers import moment_of, written
from reports.formatting.template_filters import (
    delta,
    direction,
    ended,
    figure,
    listed,
    number,
    round_percent,
)
from reports.overview.cards import Card, CardRow
from reports.overview.dimensions import Dimension
from reports.overview.overview import OverviewPage

_CUTS_BEGINNING = ("path", "link", "internal", "page")


def pdf_of(contents: Contents) -> bytes:
    """Return a PDF, made in a process of its own: fpdf2 would keep a hundred MiB of the server.

    Blocks, and raises `Unavailable`.
    """
    return apart("reports.files.paper.drawing", msgspec.json.encode(contents))


def contents_of(page: OverviewPage, chart: bytes, made: datetime) -> Contents:
    """Return an overview in words; `chart` is its chart as PNG, `made` the time on the sheets.

    Neither visitors are named nor the staff who wrote notes.
    """
    site, days = page.shell.site_name, page.nav.dates
    chips = "; ".join(f"{one.what} {one.how} {one.which}" for one in page.filters.chips)
    against = f", against {page.compared} ({page.against})" if page.compared else ""
    return Contents(
        site=site,
        title=f"{site}: overview, {days}",
        days=ended(days + against),
        only=f"Only visits where {chips}." if chips else "",
        seen=_seen(page.consent_rate, bool(chips)) if page.consent_rate else None,
        figures=tuple(_figure(one, bool(page.compared)) for one in page.headlines),
        chart=chart,
        summary=page.chart.summary,
        notes=tuple(f"{day}: {note.words}" for pin in page.notes.pins for day, note in pin.notes),
        lists=tuple(
            _list(card)
            for card in (page.lists.cards if page.lists else ())
            if card.rows or card.again
        ),
        counts=(
            _counts("Answers to the question", page.choices.rows, "Nobody was asked."),
            _counts("Not recorded, requests or events", page.tally, "Nothing was turned away."),
        ),
        end=(
            f"Times in {page.zone}. Answers and what was not recorded are counted by UTC day, "
            "without identifiers. Places: IP Geolocation by DB-IP, https://db-ip.com, unless this "
            "server has a file of its own. A square stands for a sign that no font has which "
            "the server found."
        ),
        foot=f"{site} · Overview, {days} · made {_minute(made)} UTC by Askfirst",
        made=made,
    )


def _minute(made: datetime) -> str:
    return moment_of(written(made, "day_of_year"), written(made, "clock"))


def _seen(rate: ConsentRate, is_filtered: bool) -> Seen:
    notes = _notes(rate, is_filtered)
    told = f"The figures below are of what was recorded. {notes}".strip()
    if rate.share is None:
        views = f"{number(rate.every)} page views recorded with consent"
        return Seen(f"{views}; their share of all page loads cannot be told", told=notes)
    return Seen(
        f"{round_percent(rate.share)} of page loads recorded with consent",
        tuple((part.answer, part.x, part.width) for part in rate.bar),
        f"{number(rate.recorded)} recorded after a yes, {number(rate.refused)} after a no, or "
        f"restricted, {number(rate.unanswered)} without an answer, of {number(rate.loads)} page "
        f"loads, counted without identifiers by UTC day. {told}",
    )


def _notes(rate: ConsentRate, is_filtered: bool) -> str:
    """Return what else the line says, as the page does."""
    verb = "is" if rate.left_out == 1 else "are"
    of_all = "of them" if rate.share is None else "more"
    logs = (
        f"{number(rate.from_logs)} {of_all} {'is' if rate.from_logs == 1 else 'are'} from imported "
        "logs, whose pages load no tag."
    )
    left_out = (
        f"{number(rate.left_out)} of the {number(rate.every)} recorded {verb} left out of the "
        "reports by rules, and not among their page views."
    )
    everybody = (
        "This is about everybody: filters cannot apply to page loads of which nothing was recorded."
    )
    return " ".join(
        (logs,) * bool(rate.from_logs)
        + (left_out,) * bool(rate.left_out)
        + (everybody,) * is_filtered
    )


def _figure(one: Headline, is_compared: bool) -> Figure:
    before = f" from {figure(one.before, one.kind)}" if one.before else ""
    change = (
        f"{delta(one.change, one.kind, None if one.before else one.value)}{before}"
        if is_compared
        else ""
    )
    better = direction(one.change, one.kind, one.less_is_better)
    return Figure(one.label, figure(one.value, one.kind), change, better)


def _list(card: Card) -> TopList:
    one = card.dimension
    more = f"{len(card.rows)} of {number(card.every)} {one.title.lower()}"
    if card.again:
        more = "The warehouse took too long for this."
    elif card.every <= len(card.rows):
        more = ""
    return TopList(
        one.title,
        (one.column, *card.heads),
        tuple(_row(row, one) for row in card.rows),
        one.kind in _CUTS_BEGINNING,
        more,
    )


def _row(row: CardRow, one: Dimension) -> ListRow:
    name = listed(row.name, "link" if one.kind == "internal" else one.kind, row.note or one.kind)
    first, second = (figure(*cell) for cell in row.cells)
    return ListRow(name, first, second, row.part)


def _counts(title: str, rows: tuple[TallyRow, ...], empty: str) -> Counts:
    return Counts(title, tuple((row.label, number(row.count)) for row in rows), empty)
