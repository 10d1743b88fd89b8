"""The shipped lists: each entry can be matched, and a refresh writes them whole or not at all."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from askfirst.channels import KINDS
from askfirst.system.assets import asset_path
from collector.enrichment.sources.lists import LISTED, OURS, SPAM, lists, spam_hosts

ROOT = Path(__file__).parents[4]
ENTRY = re.compile(
    r"app:[a-z0-9_]+(?:\.[a-z0-9_]+)+"
    r"|(?:[a-z0-9_-]+\.)+(?:[a-z][a-z0-9-]*|\*)(?:/[\w./-]*\w)?(?:\?[\w.]+(?:\|[\w.]+)*)?"
)
SEARCH = """
Finder:
  - urls: ['www.finder.test', 'finder.{}', '{}.finder.test/images', 'portal.test', 'gone.test']
    params: [q, '/find\\/(.*)/']
Old name:
  - urls: [old.test]
    params: []
  - urls: ['android-app//com.old.search/https/old.test', com.old.search]
"""
CORRECTIONS = {
    "renamed": {"Old name": "New name"},
    "left_out": {"gone.test": "nobody's any more"},
    "only_with_parameter": ["portal.test"],
}


def read(name: str) -> Any:
    return json.loads(asset_path(name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def refresh() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "refresh", ROOT / "scripts" / "refresh_sources.py"
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ours.json").write_text(json.dumps(CORRECTIONS))
    (tmp_path / "search.yml").write_text(SEARCH)
    return tmp_path


@pytest.mark.parametrize("sources", [read(OURS)["sources"], read(LISTED)], ids=["ours", "listed"])
def test_every_entry_has_the_form_that_is_matched(sources: dict[str, dict[str, list[str]]]):
    entries = [one for kind in sources.values() for hosts in kind.values() for one in hosts]

    assert [one for one in entries if not ENTRY.fullmatch(one)] == []
    assert {kind.removeprefix("paid_") for kind in sources} <= set(KINDS)


def test_no_entry_of_ours_is_named_twice():
    sources = read(OURS)["sources"]
    entries = [one for kind in sources.values() for hosts in kind.values() for one in hosts]

    assert sorted(entries) == sorted(set(entries))


def test_every_spelling_stands_for_a_source_that_exists():
    ours = read(OURS)
    names = {
        name for part in (ours["sources"], read(LISTED)) for kind in part.values() for name in kind
    }

    assert {*ours["names"].values(), *ours["ad_names"].values()} <= names
    assert set(ours["only_by_host"]) <= names
    assert all(name == " ".join(name.lower().split()) for name in lists().names)


def test_every_host_of_spam_can_be_matched():
    assert len(spam_hosts()) > 2000
    assert all(re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+", host) for host in spam_hosts())


def test_the_notice_names_the_licence_of_each_list():
    notice = (ROOT / "NOTICE").read_text("utf-8")

    assert all(f"{name}\n" in notice for name in (LISTED, SPAM))
    assert "CC0 1.0" in notice


def test_a_list_is_written_in_our_form_with_our_corrections(refresh: ModuleType, folder: Path):
    said = refresh.refresh({"search": str(folder / "search.yml")}, folder)

    assert said == ["search: 6 hosts, 0 before"]
    assert json.loads((folder / "listed.json").read_text("utf-8")) == {
        "ai_assistant": {},
        "social": {},
        "search": {
            "Finder": ["finder.*", "finder.test", "finder.test/images", "portal.test?q"],
            "New name": ["app:com.old.search", "old.test"],
        },
    }


def test_lists_that_are_not_named_stay(refresh: ModuleType, folder: Path):
    (folder / "spam.txt").write_text("B.test\na.test\n# none\n\nbücher.test\n", encoding="utf-8")
    refresh.refresh(
        {"search": str(folder / "search.yml"), "spam": str(folder / "spam.txt")}, folder
    )
    before = {path.name: path.read_text("utf-8") for path in folder.iterdir()}
    (folder / "social.yml").write_text("Net:\n  - net.test\n")

    refresh.refresh({"social": str(folder / "social.yml")}, folder)

    assert (folder / "referrer-spam.txt").read_text("utf-8") == before["referrer-spam.txt"]
    assert before["referrer-spam.txt"] == "a.test\nb.test\nxn--bcher-kva.test\n"
    listed = json.loads((folder / "listed.json").read_text("utf-8"))
    assert listed["social"] == {"Net": ["net.test"]}
    assert listed["search"] == json.loads(before["listed.json"])["search"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("search", ""),
        ("search", "{}"),
        ("search", "- a.test"),
        ("search", "a: [b: [c]"),
        ("search", "Finder: finder.test"),
        ("search", "Finder:\n  - hosts: [finder.test]"),
        ("search", "Finder:\n  - finder.test:8080/<b>"),
        ("search", "Other:\n  - other.test\n"),
        ("spam", ""),
        ("spam", "not a host\n"),
    ],
)
def test_a_list_that_is_not_right_changes_nothing(
    refresh: ModuleType, folder: Path, name: str, text: str
):
    (folder / "spam.txt").write_text("a.test\n")
    refresh.refresh(
        {"search": str(folder / "search.yml"), "spam": str(folder / "spam.txt")}, folder
    )
    before = {path.name: path.read_text("utf-8") for path in folder.glob("[lr]*")}
    (folder / "bad").write_text(text)

    with pytest.raises(refresh.BadList, match="bad: "):
        refresh.refresh({name: str(folder / "bad")}, folder)

    assert {path.name: path.read_text("utf-8") for path in folder.glob("[lr]*")} == before


def test_a_list_that_is_not_there_is_told(refresh: ModuleType, folder: Path):
    with pytest.raises(refresh.BadList, match=r"missing\.yml"):
        refresh.refresh({"search": str(folder / "missing.yml")}, folder)
