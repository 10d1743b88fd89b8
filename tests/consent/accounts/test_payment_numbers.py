"""Numbers of cards and bank accounts are recognised however they are typed, and others are not."""

import gc
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.accounts import payment_numbers
from consent.accounts.fields import read_typed
from consent.accounts.payment_numbers import has_payment_number

CARDS = ("4111111111111111", "378282246310005", "30569309025904", "5555555555554444")
BETWEEN = st.sampled_from(["", " ", "-", "  ", " - ", ".", "/", "\u00a0", "\u200b", "\u2011"])


def checked(body: str) -> str:
    """Return digits with the last one that makes them pass the Luhn check."""
    return next(body + str(last) for last in range(10) if _passes(body + str(last)))


def _passes(digits: str) -> bool:
    sums = [int(one) * (1 + place % 2) for place, one in enumerate(reversed(digits))]
    return sum(one - 9 if one > 9 else one for one in sums) % 10 == 0


@pytest.mark.parametrize(
    "text",
    [
        *CARDS,
        "4111 1111 1111 1111",
        "card 4111-1111-1111-1111, until 12/27, 123",
        "12 4111111111111111 34",
        "4111111111111111123",
        "\uff14\uff11\uff11\uff11 1111 1111 1111",
        "\u0664\u0661\u0661\u0661111111111111",
        "\u2779\u2776\u2776\u2776111111111111",
        "DE89 3704 0044 0532 0130 00 is mine",
        "de89370400440532013000",
        "GB82-WEST-1234-5698-7654-32",
        "account: NO93 8601 1117 947.",
        "\u56db\u4e00\u4e00\u4e00 1111 1111 1111",
        "\u136c\u1369\u1369\u1369 1111 1111 1111",
        "4111 ----- 1111 ~~~~~ 1111\n\n\n\n\n1111",
        "DE89 ---- 3704 ,,,, 0044 0532 0130 00",
        "\u6211\u7684\u8d26\u53f7DE89370400440532013000\u3002",
        "+49 151 2345678 or 4111 1111 1111 1111",
        "4111+1111+1111+1111",
    ],
)
def test_a_card_or_bank_account_is_recognised(text: str) -> None:
    assert has_payment_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Main Street 12, 10115 Berlin",
        "+44 20 7946 0958",
        "4111 1111 1111 1112",
        "AB12 is my room, and CD34 5678 is yours",
        "GB82 WEST",
        "born 1984-05-17, size 43",
        "1984-05-17, 2001-03-04, 2003-12-31, 2004-01-02",
        "17.05.1984 - 31.12.2003 - 1/2/2004",
        "+49 151 23456789, +49 151 23456781, +49 151 23456782",
        "+86 138 0013 8000 / +86 138 0013 8001",
        "12-14 Main Street\n10115 Berlin",
        "\u3012100-0001 \u5343\u4ee3\u7530\u4e00\u4e01\u76ee1\u756a1\u53f7",
    ],
)
def test_other_numbers_and_words_are_not(text: str) -> None:
    assert not has_payment_number(text)


TELEPHONES = """
    1 201 555 0123, 7 912 345 67 89, 30 691 234 5678, 31 6 12345678, 33 6 12 34 56 78,
    34 612 34 56 78, 351 912 345 678, 352 628 123 456, 352 27 86 12 345678, 353 85 012 3456,
    358 41 2345678, 358 50 123 4567890, 36 20 123 4567, 370 612 34567, 373 621 12 345,
    380 50 123 4567, 381 60 1234567, 385 92 123 4567, 386 31 234 567, 39 312 345 6789,
    39 02 1234 56789, 40 712 034 567, 41 78 123 45 67, 420 601 123 456, 43 664 123456,
    43 664 123 4567890, 43 1 5123 456 78901, 44 7400 123456, 45 32 12 34 56, 46 70 123 45 67,
    47 406 12 345, 48 512 345 678, 49 1512 3456789, 49 30 12345678, 49 911 1234567890,
    52 1 222 123 4567, 54 9 11 2345 6789, 55 11 96123 4567, 57 321 1234567, 60 12 345 6789,
    61 412 345 678, 62 812 345 678, 62 812 3456 7890, 62 812 3456 78901, 63 905 123 4567,
    65 8123 4567, 66 81 234 5678, 81 90 1234 5678, 82 10 2000 0000, 84 912 345 678,
    86 131 2345 6789, 90 501 234 5678, 91 81234 56789, 92 301 2345678, 98 912 345 6789,
    20 100 123 4567, 27 71 123 4567, 212 650 123456, 234 802 123 4567, 254 712 123456,
    886 912 345 678, 881 612 345 678, 882 16 1234567890, 966 51 234 5678, 971 50 123 4567
"""
"""Numbers as long as people of these countries have them, of the national numbering plans."""


@pytest.mark.parametrize("between", ["", " "])
def test_no_telephone_number_with_its_country_is_taken_for_a_card(between: str) -> None:
    for number in TELEPHONES.split(","):
        body = number.split()
        luhn = checked("".join(body)[:-1])
        typed = f"+{body[0]}{between}{luhn[len(body[0]) :]}"
        assert not has_payment_number(typed), typed
        assert not read_typed({"telephone": typed}, ["telephone"]).problems, typed


@pytest.mark.parametrize(
    "card",
    [
        "378282246310005",
        "3782 822463 10005",
        "341111111111111",
        "30569309025904",
        "3600 000000 0008",
        "38520000023237",
        "135412345678911",
    ],
)
def test_a_plus_makes_no_telephone_number_of_a_card(card: str) -> None:
    for field in ("telephone", "name", "address", "preferences"):
        assert read_typed({field: f"+{card}"}, [field]).problems == {field: "field_wrong_payment"}


@given(st.text("0123456789", min_size=12, max_size=18), st.lists(BETWEEN, min_size=4), st.text())
def test_every_length_is_recognised_in_any_grouping(
    body: str, between: list[str], before: str
) -> None:
    number = checked(body)
    groups = [number[at : at + 4] for at in range(0, len(number), 4)]
    typed = "".join(group + between[at % 4] for at, group in enumerate(groups))
    assert has_payment_number(f"{before} x {typed}")


@given(st.text(max_size=300))
def test_any_text_is_answered(text: str) -> None:
    has_payment_number(text)


def steps_of(text: str) -> int:
    """Return how many lines of our own code are run, and calls made, to look through a text.

    Other code may run meanwhile: a collection of garbage closes what earlier tests left.
    """
    counted = 0

    def count(frame: FrameType, _event: str, _argument: object) -> Any:
        nonlocal counted
        if frame.f_code.co_filename != payment_numbers.__file__:
            return None
        counted += 1
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        has_payment_number(text)
    finally:
        sys.settrace(before)
    return counted


@pytest.fixture
def garbage_is_collected_often() -> Iterator[None]:
    """Let garbage be collected at each new object, and code run that takes steps then."""

    def steps(_phase: str, _about: object) -> None:
        sum(1 for _ in range(10))

    usual = gc.get_threshold()
    gc.callbacks.append(steps)
    gc.set_threshold(1, 1_000_000, 1_000_000)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.callbacks.remove(steps)


def test_steps_of_other_code_are_not_counted(
    request: pytest.FixtureRequest,
) -> None:
    steps = steps_of("DE89 " * 20)
    request.getfixturevalue("garbage_is_collected_often")
    assert steps_of("DE89 " * 20) == steps


@pytest.mark.parametrize("part", ["1-", "7-----", "DE89 ", "AB12", "1", "+1 ", "2026-11-28 ", "a1"])
def test_the_steps_grow_with_the_length_alone(part: str) -> None:
    short, long = [(part * signs)[:signs] for signs in (2_500, 10_000)]
    steps = steps_of(long)
    assert steps < 4.5 * steps_of(short) + 1000
    assert steps < 100 * len(long)
