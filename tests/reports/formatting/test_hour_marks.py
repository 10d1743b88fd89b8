"""Hours of the day as the heads of narrow columns, in the reader's form."""

from collections.abc import Iterator

import pytest

from reports.formatting import readers
from reports.formatting.hour_marks import hour_head, hour_mark


@pytest.fixture(autouse=True)
def _usual_form() -> Iterator[None]:
    yield
    readers.write_for(())


@pytest.mark.parametrize(
    ("tag", "marks"),
    [
        ("en", "00 03 12 21"),
        ("de", "00 03 12 21"),
        ("fr-CA", "00 03 12 21"),
        ("en-US", "12a 3 12p 9"),
        ("hi", "12am 3 12pm 9"),
        ("es-MX", "12am 3 12pm 9"),
        ("sq", "12 3 12 9"),
    ],
)
def test_hours_are_counted_as_the_reader_s_clock_does(tag: str, marks: str) -> None:
    readers.write_for([tag])
    assert " ".join(map(hour_mark, (0, 3, 12, 21))) == marks


LANGUAGES = ("ko", "zh-Hant", "ar", "el", "bem", "dz", "sq", "hi", "en-US", "de")


def test_no_language_needs_more_than_four_signs() -> None:
    for tag in LANGUAGES:
        readers.write_for([tag])
        assert all(len(one(hour)) <= 4 for hour in range(24) for one in (hour_mark, hour_head)), tag


def test_where_each_hour_has_a_column_no_two_are_called_alike() -> None:
    for tag in LANGUAGES:
        readers.write_for([tag])
        assert len({hour_head(hour) for hour in range(24)}) == 24, tag
