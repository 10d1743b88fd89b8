"""Content encodings: the best one that a browser accepts, which decodes to the same bytes."""

import gzip

import brotli
import pytest

from askfirst.web.content_encodings import best_encoding, encoded


@pytest.mark.parametrize(
    ("header", "best"),
    [
        ("", ""),
        ("identity", ""),
        ("gzip", "gzip"),
        ("gzip, deflate, br", "br"),
        ("gzip;q=0.5, br;q=0", "gzip"),
        ("br;q=0.000, gzip; q=0", ""),
    ],
)
def test_the_best_allowed_encoding_is_taken_and_a_weight_of_nothing_is_a_no(
    header: str, best: str
) -> None:
    assert best_encoding(header) == best


def test_what_is_encoded_is_the_same_again() -> None:
    content = b"the same words, the same words" * 20
    assert brotli.decompress(encoded(content, "br", 6)) == content
    assert gzip.decompress(encoded(content, "gzip")) == content
    assert encoded(content, "") == content
