"""The visitor's scripts as served: small, revalidated at each page load, with readable sources."""

import re
from pathlib import Path

import brotli
import pytest

from askfirst.system.assets import asset_path
from benchmarks import sizes
from collector.tag.members import letters_of, shortened
from collector.tag.scripts import LOADED_PARTS, TAG_PARTS, build
from tests.world import open_world

BROWSER = {"Accept-Encoding": "gzip, br", "Referer": "https://example.org/"}
SOURCES = [*TAG_PARTS, *(name for parts in LOADED_PARTS.values() for name in parts)]


def test_the_tag_and_what_a_yes_adds_to_every_page_stay_below_their_ceilings() -> None:
    measured = sizes.measure()

    assert sizes.TARGETS == {"tag.js": 3072, "granted.js": 2560}
    assert sizes.too_large(measured) == []


def test_all_that_a_usual_page_loads_after_a_yes_is_one_bundle() -> None:
    """The others load where there is a form, a refusal, a frame, a browser of before..."""
    tracker = asset_path("static/js/granted/tracker.js").read_text()
    opened = re.findall(r'control\.open\("(\w+)"', tracker)

    assert sorted(set(opened)) == ["custom", "past", "unseen"]
    assert sizes.bundles_of("granted") == [
        "granted.js", "custom.js", "refused.js", "unseen.js", "past.js", "gates.js"
    ]  # fmt: skip


def test_a_bundle_above_its_ceiling_is_named() -> None:
    measured = sizes.measure()
    measured["granted.js"]["brotli"] = 2561

    assert sizes.too_large(measured) == ["granted.js has 2561 bytes, 1 above its ceiling."]


PUT = """
  const { send } = askfirst; // views.nothing
  askfirst.send = { request, pause: wait };
  askfirst.views = { note, first };
  askfirst.track = (name) => views.note(name);
"""
USE = """
  const { views, gates } = askfirst;
  const { note, first: begin } = askfirst.views;
  views.last = [...views.last, ...askfirst.send?.pause(`send/views.json`), event.views.note];
"""
SHORT_PUT = """
  const {a: send} = askfirst;
  askfirst.a = {b: request, a: wait};
  askfirst.b = {b: note, c: first};
  askfirst.track = (name) => views.b(name);
"""
SHORT_USE = """
  const {b: views, gates: gates} = askfirst;
  const {b: note, c: begin} = askfirst.b;
  views.a = [...views.a, ...askfirst.a?.a(`send/views.json`), event.views.note];
"""


def test_names_of_ours_are_letters_by_part_the_most_used_first() -> None:
    letters = letters_of(PUT + USE, ["track", "gates"])

    assert letters == {
        "send": {"pause": "a", "request": "b"},
        "views": {"last": "a", "note": "b", "first": "c"},
        "askfirst": {"send": "a", "views": "b", "track": "track", "gates": "gates"},
    }
    assert (shortened(PUT, letters), shortened(USE, letters)) == (SHORT_PUT, SHORT_USE)


@pytest.mark.parametrize(
    "use",
    [
        "views.forget();",
        "askfirst.views?.forget();",
        "f({ ...views.forget });",
        "const { forget } = askfirst.views;",
        "askfirst.forget();",
        "const { forget } = askfirst;",
    ],
)
def test_a_name_that_no_script_puts_ends_the_build(use: str) -> None:
    with pytest.raises(ValueError, match="No script puts `forget` into"):
        shortened(use, letters_of(PUT, ["track", "gates"]))


def test_joined_sources_run_inside_the_first_one_and_are_guarded_by_it_alone() -> None:
    text = build(LOADED_PARTS["granted"]).plain.decode()

    assert text.count("window.askfirst;") == 1
    assert text.rstrip().endswith("})()" * len(LOADED_PARTS["granted"]))


async def test_the_tag_is_asked_for_at_each_page_load_and_told_to_be_right_still(
    tmp_path: Path,
) -> None:
    async with open_world(tmp_path) as world:
        first = await world.client.get("/tag.js", headers=BROWSER)
        known = {**BROWSER, "If-None-Match": first.headers["etag"]}
        again = await world.client.get("/tag.js", headers=known)

        assert first.headers["cache-control"] == "no-cache"
        assert first.headers["content-encoding"] == "br"
        assert first.headers["access-control-allow-origin"] == "*"
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", LOADED_PARTS)
async def test_the_other_parts_are_kept_for_an_hour(tmp_path: Path, name: str) -> None:
    async with open_world(tmp_path) as world:
        answer = await world.client.get(f"/{name}.js", headers=BROWSER)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert answer.headers["content-type"].startswith("text/javascript")


async def test_every_source_is_served_as_it_is_written_and_no_other_file(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        for name in SOURCES:
            answer = await world.client.get(f"/source/{Path(name).name}.js", headers=BROWSER)
            assert answer.content == asset_path(f"static/js/{name}.js").read_bytes()
        for name in ("dashboard", "..%2Fdemo", "nothing"):
            assert (await world.client.get(f"/source/{name}.js")).status_code == 404


def test_minifying_leaves_no_comment_and_keeps_the_styles_and_the_strictness() -> None:
    for parts in (TAG_PARTS, *LOADED_PARTS.values()):
        text = build(parts).plain.decode()
        assert text.startswith('"use strict"')
        assert "\n//" not in text
        assert brotli.decompress(build(parts).encoded["br"]).decode() == text
    assert "#askfirst-control{position:fixed" in build(TAG_PARTS).plain.decode()
