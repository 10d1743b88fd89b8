"""Numbers of an event are written with their units, and nothing where there is none."""

from reports.formatting.measures import milliseconds, money, properties


def test_a_time_is_written_with_the_unit_that_people_read() -> None:
    times = (0, 7, 999, 1_000, 1_249, 59_949, 60_000, 360_000)

    assert [milliseconds(one) for one in times] == [
        "",
        "7 ms",
        "999 ms",
        "1.0 s",
        "1.2 s",
        "59.9 s",
        "1m 00s",
        "6m 00s",
    ]


def test_an_amount_has_as_many_decimals_as_its_currency_and_is_nothing_without_one() -> None:
    amounts = ((19_990, "EUR"), (500_000, "JPY"), (1_234, "KWD"), (-5_000, "USD"), (0, "CHF"))

    assert [money(*one) for one in amounts] == [
        "19.99 EUR",
        "500 JPY",
        "1.234 KWD",
        "-5.00 USD",
        "0.00 CHF",
    ]
    assert money(19_990, "") == ""


def test_a_sum_of_more_digits_than_a_float_has_is_written_whole() -> None:
    assert money(10_200 * 10**15 + 10, "EUR") == "10,200,000,000,000,000.01 EUR"
    assert money(-(2**63) - 7, "KWD") == "-9,223,372,036,854,775.815 KWD"


def test_the_properties_of_an_action_are_words_and_no_code() -> None:
    assert properties('{"gift":true,"items":3,"name":"A \\"b\\"","sale":false}') == (
        'gift: yes, items: 3, name: A "b", sale: no'
    )
    assert properties("") == ""
