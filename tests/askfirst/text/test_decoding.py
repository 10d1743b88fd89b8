"""Decoding: any bytes are a value, or a `Malformed` that names the field and repeats no input."""

from typing import Annotated, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from askfirst.errors import Malformed
from askfirst.text.decoding import decode


class Leaf(msgspec.Struct, forbid_unknown_fields=True):
    size: Annotated[int, Meta(ge=0)]
    kind: Literal["a", "b"] = "a"


class Tree(msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="tree"):
    leaves: list[Leaf]


class Bush(msgspec.Struct, forbid_unknown_fields=True, tag_field="type", tag="bush"):
    name: str


PLANT = msgspec.json.Decoder(Tree | Bush)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"type":"tree","leaves":[{"size":1},{"size":-1}]}', "leaves[1].size"),
        (b'{"type":"tree","leaves":[{"size":1,"kind":"SECRET"}]}', "leaves[0].kind"),
        (b'{"type":"tree","leaves":[{}]}', "leaves[0].size"),
        (b'{"type":"tree","leaves":"SECRET"}', "leaves"),
        (b'{"type":"tree"}', "leaves"),
        (b'{"type":"SECRET"}', "type"),
        (b'{"type":"bush","name":"x","SECRET":1}', None),
        (b'{"leaves":[]}', "type"),
        (b'"SECRET"', None),
        (b'{"SECRET', None),
        (b"\xff\xfe", None),
        (b"", None),
        (b"[" * 100_000, None),
    ],
)
def test_an_error_names_its_field_and_does_not_repeat_what_was_sent(body, field):
    with pytest.raises(Malformed) as error:
        decode(PLANT, body)
    assert error.value.field == field
    assert error.value.message.endswith(".")
    assert "SECRET" not in str(error.value.body())


@given(st.binary())
def test_any_bytes_are_a_value_or_malformed(body):
    try:
        assert isinstance(decode(PLANT, body), Tree | Bush)
    except Malformed as error:
        refused = error
        assert refused.message.isprintable()
