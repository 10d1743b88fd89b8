"""Reference numbers are read however people and receipts write them."""

import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.text.reference_numbers import NUMBERS_MOST, numbers_in

NUMBER = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
numbers = st.binary(min_size=16, max_size=16).map(bytes.hex)


@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        NUMBER.upper(),
        f"  {NUMBER}\n",
        str(uuid.UUID(NUMBER)),
        f"urn:uuid:{uuid.UUID(NUMBER)}",
        f"URN:UUID:{uuid.UUID(NUMBER)}".upper(),
        f"urn:{NUMBER}",
        "0a1b 2c3d 4e5f 6071 8293 a4b5 c6d7 e8f9",
        "0a1b-2c3d-4e5f-6071-8293-a4b5-c6d7-e8f9",
        "0a1b\N{NON-BREAKING HYPHEN}2c3d4e5f60718293a4b5c6d7e8f9",
        "0a1b\N{NO-BREAK SPACE}2c3d4e5f60718293a4b5c6d7e8f9",
        "0a1b\N{ZERO WIDTH SPACE}2c3d4e5f60718293a4b5c6d7e8f9",
        "".join(chr(ord(one) + 0xFEE0) for one in NUMBER),
        f"The number of my receipt is {NUMBER}.",
        f'"{NUMBER}"',
        f"({NUMBER}, {NUMBER})",
    ],
)
def test_a_number_is_read_however_it_is_written(text):
    assert numbers_in(text) == [NUMBER]


@pytest.mark.parametrize(
    "text", ["", " ", "0a1b2c3d", NUMBER[:-1], NUMBER + "0", "g" * 32, f"x{NUMBER}", "'; --"]
)
def test_what_is_no_number_gives_none(text):
    assert numbers_in(text) == []


@given(st.lists(numbers, max_size=5, unique=True))
def test_every_number_of_a_receipts_file_is_found_in_its_order(wanted):
    text = json.dumps([{"@id": f"urn:uuid:{uuid.UUID(one)}", "n": one} for one in wanted])
    assert numbers_in(text) == wanted


@given(st.text())
def test_any_text_gives_numbers_of_the_stored_form_or_none(text):
    for one in numbers_in(text):
        assert len(one) == 32
        assert set(one) <= set("0123456789abcdef")


def test_a_text_full_of_numbers_gives_so_many_at_most():
    assert len(numbers_in(" ;".join(f"{n:032x}" for n in range(500)))) == NUMBERS_MOST
