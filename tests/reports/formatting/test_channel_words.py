"""The words for channels: each shipped channel has its own, and an owner's is its own name."""

import pytest

from askfirst.channels import CHANNELS
from reports.formatting.channel_words import channel_words


@pytest.mark.parametrize("channel", CHANNELS)
def test_each_channel_has_words_for_people(channel: str):
    words = channel_words(channel)

    assert words[0].isupper()
    assert "_" not in words


def test_no_two_channels_have_the_same_words():
    assert len({channel_words(channel) for channel in CHANNELS}) == len(CHANNELS)


def test_a_channel_of_an_owner_is_written_as_the_owner_wrote_it():
    assert channel_words("Radio & TV") == "Radio & TV"
    assert channel_words("") == ""
