"""Fonts of the machine: taken for the signs that are written and no others, where they may be."""

from datetime import datetime
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from reports.files.paper.fonts import fonts_for
from reports.files.paper.sheet import new_sheet

MADE = datetime.fromisoformat("2026-01-01")


def make_font(folder: Path, name: str, signs: str, fs_type: int = 0) -> Path:
    """Write a font of boxes for some signs."""
    pen = TTGlyphPen(None)
    for move, place in ((pen.moveTo, (50, 0)), (pen.lineTo, (50, 700)), (pen.lineTo, (900, 700))):
        move(place)
    pen.closePath()
    names = [".notdef", *(f"g{nth}" for nth in range(len(signs)))]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(one): f"g{nth}" for nth, one in enumerate(signs)})
    builder.setupGlyf(dict.fromkeys(names, pen.glyph()))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (1000, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": name, "styleName": "Regular"})
    builder.setupOS2(fsType=fs_type)
    builder.setupPost()
    builder.save(folder / name)
    return folder / name


def test_few_fonts_are_taken_that_have_what_is_written_and_may_be_embedded(tmp_path: Path) -> None:
    more = make_font(tmp_path, "b.ttf", "日本語")
    make_font(tmp_path, "a-bold.ttf", "日本語")
    other = make_font(tmp_path, "c.ttf", "日한")
    make_font(tmp_path, "d.ttf", "日本語한हि", fs_type=2)
    (tmp_path / "broken.ttf").write_bytes(b"no font")

    found = fonts_for({ord(one) for one in "日本한ह"}, str(tmp_path))
    assert [one.path for one in found] == [more, other]
    assert found[0].signs == {ord("日"), ord("本")}
    assert fonts_for({ord("ह")}, str(tmp_path)) == ()
    assert fonts_for({ord("日")}, str(tmp_path / "nowhere")) == ()


def test_no_folder_is_searched_where_the_shipped_font_has_every_sign(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def searched(*_: object) -> object:
        raise AssertionError("It looked for fonts.")

    monkeypatch.setattr("reports.files.paper.fonts._files", searched)
    with new_sheet("Überblick", "", MADE, "Überblick عربي עברית") as sheet:
        assert sheet.told("عربي") == "عربي"


def test_a_sign_of_a_machines_font_is_text_in_the_file_and_one_of_none_is_a_square(
    tmp_path: Path,
) -> None:
    make_font(tmp_path, "han.ttf", "日本")
    with new_sheet("日本", "", MADE, "日本ह", str(tmp_path)) as sheet:
        sheet.pen(9, "B")
        sheet.at(14, 14, "/日本/हि", 100)
        assert sheet.told("/日本/ह") == "/日本/□"
        content = bytes(sheet.output())
    assert b"<65E5>" in content.upper()  # the sign, in the map from glyphs to text
    assert b"/Lang (en)" in content
