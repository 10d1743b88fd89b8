"""Numbers of cards and bank accounts are recognised however they are typed, and others are not."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    """Return how many lines of our own code are run, and calls made, to look through a text."""
    counted = 0

    def count(_frame: object, _event: str, _argument: object) -> object:
        nonlocal counted
        counted += 1
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        has_payment_number(text)
    finally:
        sys.settrace(before)
    return counted


@pytest.mark.parametrize("part", ["1-", "7-----", "DE89 ", "AB12", "1", "+1 ", "2026-11-28 ", "a1"])
def test_the_steps_grow_with_the_length_alone(part: str) -> None:
    short, long = [(part * signs)[:signs] for signs in (2_500, 10_000)]
    steps = steps_of(long)
    assert steps < 4.5 * steps_of(short) + 1000
    assert steps < 100 * len(long)
