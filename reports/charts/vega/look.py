"""The look of charts in files: the colours of `static/css/tokens.css` on paper, and type."""

from typing import Any

import altair as alt

AT = "at"
"""The parameter that says which mark is read, by its number `nth`; -1 for none."""

FONT = "Liberation Sans, DejaVu Sans, Noto Sans, sans-serif"
"""The first is shipped with vl-convert; signs that it lacks come from the machine's fonts."""

COLOURS = {
    "--surface": "#ffffff",
    "--ink": "#16201d",
    "--ink-2": "#44504c",
    "--ink-3": "#5c6763",
    "--edge": "#d9dcd3",
    "--d1": "#0b6b5f",
    "--d2": "#c9791d",
    "--d3": "#5b8ad6",
    "--bad": "#a5341c",
    "--bar": "#d3e8e1",
    "--before": "#8b9591",
    "--grid": "#e9ebe5",
    "--weekend": "#f8f9f6",
}
"""The tokens that charts use, with their values on paper; the page replaces them by its own."""

HEAT = ("#f0f2ed", "#dcebe5", "#b9dbd1", "#86c1b3", "#4c9f8f", "#1c7365", "#07493f")
"""The steps of a heat map, the tokens `--h0` to `--h6`."""
HEAT_INK = "#ffffff"
"""The ink on the two darkest steps, the token `--h-ink`."""

_TOKENS = {**COLOURS, **{f"--h{nth}": colour for nth, colour in enumerate(HEAT)}}


def finished(chart: alt.LayerChart | alt.Chart, title: str, *below: str) -> dict[str, Any]:
    """Return the Vega-Lite of a chart with its title and the lines below it.

    `usermeta.tokens` names the token of each colour, from which a page in dark takes another.
    """
    lines = [line for line in below if line]
    heading = alt.TitleParams(title, subtitle=lines) if lines else alt.TitleParams(title)
    tokens = {colour: name for name, colour in _TOKENS.items()}
    looked = chart.properties(title=heading, usermeta={"tokens": tokens})
    found: dict[str, Any] = _configured(looked).to_dict()
    return found


def _configured(chart: Any) -> Any:
    return (
        chart.configure(
            aria=False,
            font=FONT,
            background=COLOURS["--surface"],
            padding={"left": 8, "top": 8, "right": 16, "bottom": 8},
        )
        .configure_view(stroke=None)
        .configure_title(
            anchor="start",
            fontSize=16,
            fontWeight="bold",
            color=COLOURS["--ink"],
            subtitleFontSize=12,
            subtitleColor=COLOURS["--ink-3"],
            subtitlePadding=6,
            offset=12,
        )
        .configure_axis(
            domainColor=COLOURS["--edge"],
            gridColor=COLOURS["--grid"],
            labelColor=COLOURS["--ink-3"],
            labelFontSize=11,
            ticks=False,
            labelPadding=6,
        )
    )
