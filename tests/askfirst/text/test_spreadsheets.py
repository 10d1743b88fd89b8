"""CSV files: no cell is a formula, however a program splits the file, and none is lost."""

import csv
import io
import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from askfirst.text.spreadsheets import BYTE_ORDER_MARK, as_table, cell, original

FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b")
HIDING = [
    letter
    for letter in map(chr, range(sys.maxunicode + 1))
    if unicodedata.category(letter) in ("Cc", "Cf", "Zs", "Zl", "Zp")
]
HIDING += [
    chr(code)
    for first, last in (
        (0x034F, 0x034F),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x2065, 0x2065),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0),
        (0xFFF0, 0xFFF8),
        (0xE0000, 0xE0FFF),
    )
    for code in range(first, last + 1)
]
"""Every control and format character and blank that Unicode has, and what it shows as nothing.

The ranges are those of Default_Ignorable_Code_Point (DerivedCoreProperties.txt, Unicode 16.0) that
have another general category.
"""

EVIL = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-5",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\ufeff=1",
    "\uff1d1+1",
    "\x00=1",
    "\x1b=1",
    "\u200b=1",
    "\xa0=1",
    '"=1',
    "'=1",
    "a;=1",
    'a;"=1',
    "a; =1",
    "a,=1",
    "a\t=1",
    "a\n@x",
    "a|-1",
    "a;\x07+1",
    ",=1",
    "x;",
]
cells = st.lists(
    st.sampled_from(
        [*"=+-@;,|\t\r\n\"' a1.\uff1d\uff20\ufe62\ufe66\u2800", "\x00", "\xa0", "\ufeff", "\u200b"]
    )
    | st.characters(exclude_categories=("Cs",)),
    max_size=12,
).map("".join)


def written(rows):
    names = [f"c{n}" for n in range(max(len(row) for row in rows))]
    lines = as_table(names, [dict(zip(names, row, strict=False)) for row in rows])
    return "".join(lines)


def read(text, delimiter=","):
    plain = text.removeprefix(BYTE_ORDER_MARK)
    return list(csv.reader(io.StringIO(plain, newline=""), delimiter=delimiter))


HIDING_SET = set(HIDING)


def is_formula(text):
    rest = next((n for n, letter in enumerate(text) if letter not in HIDING_SET), len(text))
    return text[rest:].startswith(FORMULA)


@given(st.lists(st.lists(cells, min_size=1, max_size=4), min_size=1, max_size=3))
@example([[evil, "b"] for evil in EVIL])
@example([["b", evil] for evil in EVIL])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_no_cell_is_a_formula_whatever_the_file_is_split_by(delimiter, rows):
    found = [one for row in read(written(rows), delimiter) for one in row]
    assert [one for one in found if is_formula(one)] == []


@given(st.lists(st.lists(cells, min_size=1, max_size=4), min_size=1, max_size=3))
@example([[evil] for evil in EVIL])
def test_a_reader_gets_every_cell_back(rows):
    wide = max(len(row) for row in rows)
    _, *found = read(written(rows))
    assert [[original(one) for one in row] for row in found] == [
        [*row, *[""] * (wide - len(row))] for row in rows
    ]


@pytest.mark.parametrize("evil", EVIL[:-1])
def test_an_apostrophe_stands_before_what_could_be_a_formula(evil):
    assert "'" in cell(evil).removeprefix(evil[:0])
    assert cell(evil) != evil
    assert original(cell(evil)) == evil


@pytest.mark.parametrize(
    "plain", ["", "a", "a-b", "a=b", "2026-01-31T08:00:00.000Z", "/path?x=1&y=2", "it's", '"a"']
)
def test_what_is_no_formula_stays_as_it_is(plain):
    assert cell(plain) == plain


def test_no_control_character_blank_or_format_character_hides_a_formula():
    assert [hex(ord(one)) for one in HIDING if not cell(f"{one}=1").startswith("'")] == []
    assert [hex(ord(one)) for one in HIDING if "'" not in cell(f"a;{one}=1")] == []


def test_a_long_cell_takes_no_longer_than_its_length_asks_for():
    long = "\t;" * 200_000 + "x"
    assert cell(long) == long


def test_every_cell_is_in_quotes_and_the_file_begins_with_the_mark_that_excel_needs():
    text = written([["a", 1, None, ["x"], {"y": False}, True]])
    assert text.encode().startswith(b"\xef\xbb\xbf")
    _, line = text.removesuffix("\r\n").split("\r\n")
    assert line == '"a","1","","[""x""]","{""y"":false}","True"'
