"""Each benchmark reads its command line, and the command that runs them knows which there are."""

import inspect
import json
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks import __main__ as runner
from benchmarks import results, sizes
from benchmarks.program import chosen, figures_of
from consent.policy.languages import languages

PROGRAMS = runner.present()


@pytest.mark.parametrize("given", [[], ["--quick"]])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_command_line_gives_what_measuring_takes(name: str, given: list[str]) -> None:
    said, quick = chosen(name, given)
    inspect.signature(import_module(f"benchmarks.{name}").measure).bind(**said)
    assert quick is bool(given)


def test_the_short_version_is_short_and_what_is_said_beside_it_counts() -> None:
    usual, _ = chosen("collect", [])
    short, _ = chosen("collect", ["--quick", "--seconds", "3"])
    assert short["rounds"] < usual["rounds"]
    assert short["seconds"] == 3


def test_without_a_name_every_program_is_run() -> None:
    assert runner.chosen([]) == (PROGRAMS, False)
    assert runner.chosen(["collect", "--quick"]) == (["collect"], True)


def test_a_name_that_is_none_is_refused_with_those_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        runner.chosen(["nothing"])
    assert "collect" in capsys.readouterr().err


def test_a_short_version_leaves_the_results_to_show_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(results, "QUICK_FOLDER", tmp_path / "quick")
    results.write("collect", {"ratio": 0.9})
    results.write("collect", {"ratio": 0.1}, quick=True)
    assert json.loads((tmp_path / "collect.json").read_text())["ratio"] == 0.9
    assert results.read("collect", quick=True)["ratio"] == 0.1


def test_the_sizes_that_are_kept_have_their_lines() -> None:
    names = [figure.name for figure in figures_of("sizes", results.read("sizes"))]
    assert "tag.js" in names


def test_every_bundle_is_listed_under_the_folder_of_its_sources() -> None:
    """What a page says of itself is needed after a yes, and shown in the preferences before."""
    listed = [name for folder in sizes.FOLDERS for name in sizes.bundles_of(folder)]
    assert sorted(listed) == sorted(f"{name}.js" for name in sizes.BUNDLES)
    for name, parts in sizes.BUNDLES.items():
        own = [part for part in parts if (name, part) != ("preferences", "granted/page")]
        assert len({part.split("/")[0] for part in own}) == 1, name


def test_the_banner_with_its_first_words_stays_small_in_every_language() -> None:
    banner = sizes.measure()["banner.js"]["brotli"]
    found = {tag: banner + sizes.words(tag) for tag in languages()}

    assert {tag: size for tag, size in found.items() if size > sizes.BANNER} == {}
