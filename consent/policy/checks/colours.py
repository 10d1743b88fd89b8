"""The banner's colours: their names, their defaults and their contrasts."""

import re
from collections.abc import Iterator, Mapping

COLOUR = re.compile(r"#[0-9a-f]{6}")
DEFAULTS: Mapping[str, str] = {
    "text": "#1d2733",
    "background": "#ffffff",
    "button": "#24405c",
    "button_text": "#ffffff",
    "dark_text": "#e9eef3",
    "dark_background": "#18202a",
    "dark_button": "#d5e1ec",
    "dark_button_text": "#14202c",
}
"""The colours of banner.js where the owner sets none. Both buttons share one pair of colours, so
that accepting and refusing cannot look different."""
TEXT, CONTROL = 4.5, 3.0
"""The least contrasts of WCAG 2.2: 1.4.3 for text, 1.4.11 for controls."""
PAIRS = tuple(
    (f"{mode}{front}", f"{mode}{back}", TEXT)
    # The button's colour is also that of links on the background, so a text's contrast holds.
    for front, back in (("text", "background"), ("button_text", "button"), ("button", "background"))
    for mode in ("", "dark_")
)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours `#rrggbb`, 1 to 21, as WCAG 2.2 defines it.

    (L1 + 0.05) / (L2 + 0.05), where L1 is the relative luminance of the lighter and L2 of the
    darker (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
    """
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`, 0 for black to 1 for white.

    0.2126 R + 0.7152 G + 0.0722 B over linear channels: c / 12.92 up to 0.04045, above that
    ((c + 0.055) / 1.055) ** 2.4 (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance).
    """
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def contrasts(theme: Mapping[str, str]) -> list[tuple[str, str, float, float]]:
    """Return (front, back, contrast, least contrast) of each pair of which both are colours."""
    colours = {**DEFAULTS, **theme}
    return [
        (front, back, contrast(colours[front], colours[back]), least)
        for front, back, least in PAIRS
        if _is_colour(front, colours[front]) and _is_colour(back, colours[back])
    ]


def check_theme(theme: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (`theme.text`, sentence) for each colour that is malformed or lacks contrast."""
    wrong = [name for name, value in theme.items() if not _is_colour(name, value)]
    for name in wrong:
        yield f"theme.{name}", "Write a colour as # and six digits, such as #24405c."
    if not wrong:
        yield from _unreadable({**DEFAULTS, **theme})


def _is_colour(name: str, value: str) -> bool:
    return name in DEFAULTS and isinstance(value, str) and COLOUR.fullmatch(value) is not None


def _unreadable(colours: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for front, back, least in PAIRS:
        found = contrast(colours[front], colours[back])
        if found < least:
            ratio = rounded_down(found)
            both = f"“{front}” on “{back}”".replace("_", " ")
            yield f"theme.{front}", f"The contrast of {both} is {ratio} to 1; {least} is the least."


def rounded_down(found: float) -> str:
    """Write a contrast rounded down, so that one just below the least does not look like it."""
    return f"{int(found * 100) / 100:.2f}"
