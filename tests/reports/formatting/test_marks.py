"""Flags and icons beside names: every country that reports name has a flag, and all is small."""

import json

import brotli
import pytest

from askfirst.system.assets import asset_path
from reports.formatting.marks import flag, row_icon

FLAGS = "static/images/flags.svg"


def test_every_country_with_a_name_has_a_flag() -> None:
    names = json.loads(asset_path("data/names.json").read_text("utf-8"))["countries"]

    assert not [code for code in names if not flag(code)]
    assert [flag(code) for code in ("", "local", "de", "QQ", '"', "DE")] == [""] * 5 + ["DE"]


def test_the_flags_are_small_and_load_nothing() -> None:
    drawing = asset_path(FLAGS).read_bytes()

    assert len(brotli.compress(drawing)) <= 25_000
    assert not [word for word in (b"<script", b"style", b"href", b"url(") if word in drawing]


@pytest.mark.parametrize(
    ("name", "column", "icon"),
    [
        ("Mobile Safari", "browser", "compass"),
        ("Firefox 144.0", "browser_version", "firefox"),
        ("Lynx", "browser", "globe"),
        ("", "browser", "globe"),
        ("Mac OS X", "os", "apple"),
        ("Windows 11", "os_version", "windows"),
        ("Plan 9", "os", "laptop"),
        ("phone", "device", "phone"),
        ("", "device", "globe"),
        ("paid_search", "channel", "search"),
        ("of our own", "channel", "goal"),
        ("/windows", "path", ""),
    ],
)
def test_rows_of_browsers_systems_devices_and_channels_have_icons(
    name: str, column: str, icon: str
) -> None:
    assert row_icon(name, column) == icon
