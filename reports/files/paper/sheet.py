"""Sheets of A4: fonts, colours, text that fits, and the line at the foot of each sheet."""

import lzma
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import Align
from fpdf.fonts import TTFFont

from askfirst.system.assets import asset_path
from reports.files.paper.fonts import fonts_for

MARGIN, WIDTH = 14.0, 182.0
"""The margin and what lies within it, in millimetres."""
BOTTOM = 279.0
"""Where a sheet's content ends."""
LINE = 5.2
"""The height of a row."""

INK, SECOND, LABEL = "#16201d", "#44504c", "#5c6763"
RULE, BAR, ACCENT = "#d9dcd3", "#d3e8e1", "#0b6b5f"
BETTER, WORSE = "#0b6b5f", "#a5341c"
_FAMILY = "DejaVu"
_FILES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}
_MISSING = "\N{WHITE SQUARE}"
_PAGES = "\ue000"
"""Stands for the number of sheets: no text from outside has it, see `told`."""
_LONGEST = 200
"""Signs of which more do not fit into any width."""
_MORE = "\N{HORIZONTAL ELLIPSIS}"


class Sheet(FPDF):
    """Writes on sheets of A4, in millimetres from the top left; signs no font has are squares.

    `fonts` is the folder of the unpacked fonts. `text` has every sign that will be written: for
    those that these lack, others are looked for in `font_folder`, or where the system keeps them.
    """

    def __init__(
        self,
        fonts: Path,
        title: str,
        foot: str,
        made: datetime,
        text: str = "",
        font_folder: str = "",
    ) -> None:
        super().__init__("portrait", "mm", "A4")
        self._foot = foot
        self._load(fonts)
        self._load_others(text, font_folder)
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(False)
        self.set_text_shaping(True)
        self.alias_nb_pages(_PAGES)
        self.set_title(self.told(title))
        self.set_lang("en")
        self.set_creator("Askfirst")
        self.set_creation_date(made)
        self.add_page()

    def _load(self, fonts: Path) -> None:
        for style, name in _FILES.items():
            self.add_font(_FAMILY, style, fonts / name)
        font = self.fonts[_FAMILY.lower()]
        self._known = frozenset(font.cmap if isinstance(font, TTFFont) else ()) - {ord(_PAGES)}

    def _load_others(self, text: str, folder: str) -> None:
        """Take fonts of the machine for signs of a text that the shipped one lacks."""
        written = {ord(one) for one in text if one.isprintable()} - {ord(_PAGES)}
        others = fonts_for(written - self._known, folder)
        for nth, font in enumerate(others):
            self.add_font(f"Other{nth}", fname=font.path, unicode_range=sorted(font.signs))
            self._known |= font.signs
        names = [f"Other{nth}" for nth in range(len(others))]
        self.set_fallback_fonts(names, exact_match=False)

    def told(self, text: str) -> str:
        """Return text with a square in the place of each sign that the fonts do not have."""
        return "".join(one if ord(one) in self._known else _MISSING for one in text)

    def footer(self) -> None:
        """Write the foot: what this is, and which sheet of how many."""
        self.pen(7.5, color=LABEL)
        self.set_xy(MARGIN, 284)
        self.cell(WIDTH - 30, 4, self.fitted(self._foot, WIDTH - 30))
        self.cell(30, 4, f"Page {self.page_no()} of {_PAGES}", align=Align.R)

    def pen(self, size: float, style: str = "", color: str = INK) -> None:
        """Choose the size in points, "" or "B", and the colour of text."""
        self.set_font(_FAMILY, style, size)
        self.set_text_color(color)

    def fitted(self, text: str, width: float, from_the_end: bool = False) -> str:
        """Return text that is not wider than so many millimetres; what is cut is an ellipsis.

        Of an address the beginning is cut (`from_the_end`), of all else the end.
        """
        known = self.told(text)
        if len(known) <= _LONGEST and self.get_string_width(known) <= width:
            return known
        least, most = 0, min(len(known), _LONGEST)
        while least < most:
            middle = (least + most + 1) // 2
            if self.get_string_width(_cut(known, middle, from_the_end)) <= width:
                least = middle
            else:
                most = middle - 1
        return _cut(known, least, from_the_end)

    def at(self, x: float, y: float, text: str, width: float, *, right: bool = False) -> None:
        """Write a line of text that fits into a width."""
        self.set_xy(x, y)
        self.cell(width, LINE, self.fitted(text, width), align=Align.R if right else Align.L)

    def paragraph(self, text: str) -> None:
        """Write text below what there is, in as many lines as it takes."""
        self.set_x(MARGIN)
        self.multi_cell(WIDTH, LINE, self.told(text), align=Align.L, new_x="LMARGIN", new_y="NEXT")

    def box(self, place: tuple[float, float, float, float], color: str) -> None:
        """Fill a box: x, y, width and height."""
        self.set_fill_color(color)
        self.rect(*place, style="F")

    def rule(self, y: float) -> None:
        """Draw a line from margin to margin."""
        self.set_draw_color(RULE)
        self.set_line_width(0.2)
        self.line(MARGIN, y, MARGIN + WIDTH, y)

    def room(self, height: float) -> None:
        """Begin a new sheet where less than so much is left of this one."""
        if self.get_y() + height > BOTTOM:
            self.add_page()
            self.set_y(MARGIN)

    def heading(self, text: str) -> None:
        """Write a heading, which is in the outline too."""
        self.pen(10.5, "B")
        self.start_section(self.told(text))
        self.set_x(MARGIN)
        self.cell(WIDTH, 7, self.fitted(text, WIDTH), new_x="LMARGIN", new_y="NEXT")


@contextmanager
def new_sheet(
    title: str, foot: str, made: datetime, text: str = "", font_folder: str = ""
) -> Iterator[Sheet]:
    """Open a sheet, see `Sheet`; its fonts are unpacked as long as the block lasts."""
    with tempfile.TemporaryDirectory() as folder:
        for name in _FILES.values():
            packed = asset_path(f"data/fonts/{name}.xz").read_bytes()
            Path(folder, name).write_bytes(lzma.decompress(packed))
        sheet = Sheet(Path(folder), title, foot, made, text, font_folder)
        try:
            yield sheet
        finally:
            for font in sheet.fonts.values():
                if isinstance(font, TTFFont):
                    font.ttfont.close()


def _cut(text: str, length: int, from_the_end: bool) -> str:
    return _MORE + text[len(text) - length :] if from_the_end else text[:length] + _MORE
